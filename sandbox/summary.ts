/** What `npm start` says at its end. */
import { relative } from "node:path";
import { LAYERS } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { crossesTenants, type Topology } from "../topology";
import type { SandboxHome } from "./control-plane";
import type { DeployedSandbox } from "./sandbox";

const WHAT_IT_DOES: Readonly<Record<(typeof LAYERS)[number], string>> = {
  platform: "what the objects stand on",
  namespaces: "namespaces with Pod Security, quotas and limits",
  pki: "the mesh's certificate authority",
  rbac: "what teams may do; an account without rights per agent",
  secrets: "API keys of models",
  models: "model configurations",
  admission: "what the API server refuses",
  network: "who may connect to whom",
  identity: "mTLS, and who may call whom",
  token: "signed delegation tokens, and their public keys",
  agents: "the Agents, with the namespaces the reconciler lets refer to them",
};

function graph({ tenants, delegations, routing }: Topology): string[] {
  const exposed = tenants.flatMap(({ agents }) => agents.filter(({ settings }) => settings.exposed));
  return [
    ...exposed.map(({ id }) => `  users -> ${id}`),
    ...delegations.map((delegation) => {
      const via = routing === "gateway" ? " (through the gateway)" : "";
      const inside = crossesTenants(delegation) ? "" : " (inside one team)";
      return `  ${delegation.id}${via}${inside}`;
    }),
  ];
}

const DONE: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "replaced",
  delete: "deleted",
};

/** Resources of the stack: the objects, and what holds them together. */
function changes({ result }: DeployedSandbox): string {
  const { same = 0, ...changed } = result.changes;
  const parts = Object.entries(changed).map(
    ([operation, count]) => `${count} ${DONE[operation] ?? operation}`,
  );
  return [...(parts.length > 0 ? parts : ["0 to change"]), ...(same > 0 ? [`${same} unchanged`] : [])].join(
    ", ",
  );
}

/** From here if it lies below, else as it is. */
function shortest(path: string): string {
  const below = relative(process.cwd(), path) || ".";
  return below.startsWith("..") ? path : below;
}

/** @param verified what verifying the stack came to, in lines */
export function summary(
  sandbox: DeployedSandbox,
  home: SandboxHome,
  configFile: string,
  verified: readonly string[],
): string {
  const { topology, plane, plugins, crds } = sandbox;
  const objects = plan(topology);
  const rows = LAYERS.flatMap((layer) => {
    const count = objects.filter((planned) => planned.layer === layer).length;
    return count === 0 ? [] : `  ${layer.padEnd(11)}${String(count).padStart(4)}  ${WHAT_IT_DOES[layer]}`;
  });
  const standIns = [
    ...(plugins.offline.length > 0
      ? [`  The offline provider serves ${plugins.offline.join(" and ")}: ${plugins.reason}.`]
      : []),
    ...crds.sources
      .filter(({ structural }) => structural)
      .map(
        ({ group, version }) =>
          `  The CRDs of ${group} ${version} are stand-ins: its release could not be downloaded.`,
      ),
  ];
  const folder = shortest(home.path);
  const here = folder === ".sandbox" ? "" : ` --home ${folder}`;
  return [
    "",
    `Stack sandbox: ${changes(sandbox)}.`,
    "",
    "Objects per layer",
    ...rows,
    "",
    "Who may delegate to whom; nobody else may",
    ...graph(topology),
    "",
    ...(standIns.length > 0 ? ["Stand-ins", ...standIns, ""] : []),
    ...verified,
    "",
    `Look around   export KUBECONFIG=${plane.kubeconfigPath}`,
    "              kubectl get agents.kagent.dev,networkpolicies -A",
    "See a refusal kubectl label namespace default kagent.dev/agent-consumer=true",
    `Verify again  npm run verify -- --sandbox${folder === ".sandbox" ? "" : ` ${folder}`}`,
    `Audit log     ${home.auditLog}`,
    `Change it     edit ${shortest(configFile)}, and run the same command again`,
    `Remove it     npm run sandbox -- down${here}`,
    "",
    "No agent runs here: this is an API server without nodes. It shows and refuses what a cluster would.",
    "",
  ].join("\n");
}
