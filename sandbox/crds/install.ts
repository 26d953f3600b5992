import { setMaxListeners } from "node:events";
import { UserError } from "../../system/errors";
import { interruptible, sleep } from "../../system/interrupt";
import { type Progress, silent } from "../../system/progress";
import { ApiServer, isApiError } from "../provider/kubernetes/api-server";
import { connectionFrom } from "../provider/kubernetes/kubeconfig";
import type { Json } from "../provider/rpc/values";
import type { Crd } from "./crd";

/** Names of the definitions, by what happened to them. */
export interface InstalledCrds {
  installed: string[];
  updated: string[];
  unchanged: string[];
}

const collection = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const fieldManager = "kagent-a2a-sandbox";
const readyWithinMs = 60_000;

/**
 * Applies the definitions (server-side apply, so that a field which is gone from them goes from the server too),
 * and returns when the API server serves all of them.
 */
export async function installCrds(
  kubeconfigPath: string,
  crds: readonly Crd[],
  progress: Progress = silent,
  outer?: AbortSignal,
): Promise<InstalledCrds> {
  const server = new ApiServer(
    connectionFrom({ kubeconfig: kubeconfigPath, context: undefined, cluster: undefined }),
  );
  return interruptible(
    (signal) =>
      progress.step("installing CRDs", async (detail) => {
        setMaxListeners(0, signal); // each request in flight listens
        const before = await revisions(server, signal);
        const result: InstalledCrds = { installed: [], updated: [], unchanged: [] };
        let done = 0;
        await Promise.all(
          crds.map(async (crd) => {
            const { name } = crd.metadata;
            const applied = await apply(server, crd, signal);
            await established(server, applied, signal);
            const old = before.get(name);
            const same = old === applied.metadata.resourceVersion;
            if (!same) await served(server, crd, signal);
            result[old === undefined ? "installed" : same ? "unchanged" : "updated"].push(name);
            detail(`${++done} of ${crds.length}`);
          }),
        );
        for (const names of Object.values(result)) names.sort();
        return result;
      }),
    outer,
  );
}

/** What the API server answers, as far as it is read here. */
interface Stored {
  metadata: { name: string; resourceVersion: string };
  status?: { conditions?: { type: string; status: string; message: string }[] };
}

async function revisions(server: ApiServer, signal: AbortSignal): Promise<Map<string, string>> {
  const { items } = (await server.request("GET", collection, { signal })) as unknown as { items: Stored[] };
  return new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
}

async function apply(server: ApiServer, crd: Crd, signal: AbortSignal): Promise<Stored> {
  const path = `${collection}/${crd.metadata.name}`;
  const answer = await server.request("PATCH", path, {
    query: { fieldManager, force: "true" },
    contentType: "application/apply-patch+yaml",
    body: crd as unknown as Json,
    signal,
  });
  return answer as unknown as Stored;
}

/** Waits for the condition Established, which `applied` may have already. */
async function established(server: ApiServer, applied: Stored, signal: AbortSignal): Promise<void> {
  const { name } = applied.metadata;
  let stored = applied;
  await until(`CRD ${name}: not established`, signal, async () => {
    const conditions = stored.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return true;
    const refused = conditions.find(({ type, status }) => type === "NamesAccepted" && status === "False");
    if (refused) {
      throw new UserError(
        `CRD ${name}: the API server does not accept its names: ${refused.message}.`,
        "Remove the other CRD that has them.",
      );
    }
    stored = (await server.request("GET", `${collection}/${name}`, { signal })) as unknown as Stored;
    return false;
  });
}

/** Waits until discovery lists it too, a moment later: clients look there before they send an object. */
async function served(server: ApiServer, crd: Crd, signal: AbortSignal): Promise<void> {
  const { group, names, versions } = crd.spec;
  for (const version of versions.filter((one) => one.served)) {
    const path = `/apis/${group}/${version.name}`;
    await until(`CRD ${crd.metadata.name}: ${version.name} not served`, signal, async () => {
      const answer = await server.request("GET", path, { signal }).catch((error: unknown) => {
        if (isApiError(error, 404)) return undefined;
        throw error;
      });
      const { resources = [] } = (answer ?? {}) as unknown as { resources?: { name: string }[] };
      return resources.some(({ name }) => name === names.plural);
    });
  }
}

async function until(problem: string, signal: AbortSignal, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + readyWithinMs;
  while (!(await check())) {
    if (Date.now() > deadline) {
      throw new UserError(
        `${problem} within ${readyWithinMs / 1_000} s.`,
        "Look into the log of kube-apiserver, and start again.",
      );
    }
    await sleep(50, signal);
  }
}
