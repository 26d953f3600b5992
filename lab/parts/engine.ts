/** What brings a stack up in the lab: Pulumi, its plugins, and the definitions of what the lab's own parts do not serve. */
import { obtain, rootOf } from "../../sandbox/binaries";
import type { SandboxHome } from "../../sandbox/control-plane";
import { type Crd, loadCrds } from "../../sandbox/crds";
import { obtainPlugins } from "../../sandbox/provider";
import { pulumiHome } from "../../sandbox/stack-workspace";
import type { Progress } from "../../system/progress";

export interface EngineParts {
  /** Folder with `bin/pulumi`. */
  readonly pulumiRoot: string;
  readonly crds: readonly Crd[];
}

/** @param home where the plugins go */
export async function obtainEngine(
  home: SandboxHome,
  options: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<EngineParts> {
  home.prepare();
  const { pulumi } = await obtain(["pulumi"], options);
  await obtainPlugins(pulumiHome(home), pulumi.path, options);
  const { objects } = await loadCrds({ ...options, groups: ["kagent", "external-secrets"] });
  return { pulumiRoot: rootOf(pulumi), crds: objects };
}
