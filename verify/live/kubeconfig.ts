/** Which cluster is verified: the kubeconfig and context that kubectl and the stack use. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { CannotRun } from "../errors";

export interface ClusterChoice {
  /** Path; without it KUBECONFIG, then `~/.kube/config`. */
  readonly kubeconfig?: string | undefined;
  /** Context; without it the current one. */
  readonly context?: string | undefined;
}

/** @throws CannotRun */
export function loadKubeconfig({ kubeconfig, context }: ClusterChoice): KubeConfig {
  const listed = (process.env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const paths = kubeconfig !== undefined ? [kubeconfig] : listed.length > 0 ? listed : [DEFAULT_PATH];
  const there = paths.filter((path) => existsSync(path));
  if (there.length === 0)
    throw new CannotRun(
      `There is no kubeconfig at ${paths.join(" or ")}.`,
      "Set KUBECONFIG or name one with --kubeconfig; --static needs no cluster.",
    );
  const config = new KubeConfig();
  try {
    const [first = "", ...rest] = there;
    config.loadFromFile(first);
    for (const path of rest) {
      const more = new KubeConfig();
      more.loadFromFile(path);
      config.mergeConfig(more);
    }
  } catch {
    throw new CannotRun(
      `${there.join(", ")}: this is no kubeconfig.`,
      "Name another one with KUBECONFIG or --kubeconfig.",
    );
  }
  if (context !== undefined) config.setCurrentContext(context);
  if (config.getCurrentCluster()?.server === undefined) {
    const names = config.contexts.map(({ name }) => name);
    throw new CannotRun(
      `${there.join(", ")} has no context ${JSON.stringify(config.currentContext ?? "")} with a cluster.`,
      names.length === 0
        ? "It names none at all."
        : `It names ${names.join(", ")}: choose one with --context.`,
    );
  }
  return config;
}

const DEFAULT_PATH = join(homedir(), ".kube", "config");
