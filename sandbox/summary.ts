/** What `npm start` says at its end. */
import { relative } from "node:path";
import { LAYERS } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { crossesTenants, type Topology } from "../topology";
import type { SandboxHome } from "./control-plane";
import type { DeployedSandbox } from "./sandbox";

const WHAT_IT_DOES: Readonly<Record<(typeof LAYERS)[number], string>> = {
  namespaces: "namespaces with Pod Security, quotas and limits",
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

function changes({ result }: DeployedSandbox): string {
  const { same = 0, ...changed } = result.changes;
  const total = Object.values(changed).reduce((sum, count) => sum + count, 0);
  if (total === 0) return `0 to change, ${same} unchanged`;
  const parts = Object.entries(changed).map(([operation, count]) => `${count} ${operation}`);
  return [...parts, ...(same > 0 ? [`${same} unchanged`] : [])].join(", ");
}

export function summary(sandbox: DeployedSandbox, home: SandboxHome): string {
  const { topology, plane, plugins, crds } = sandbox;
  const objects = plan(topology);
  const rows = LAYERS.map((layer) => {
    const count = objects.filter((planned) => planned.layer === layer).length;
    return `  ${layer.padEnd(11)}${String(count).padStart(4)}  ${WHAT_IT_DOES[layer]}`;
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
  const folder = relative(process.cwd(), home.path) || ".";
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
    `Look around:  export KUBECONFIG=${plane.kubeconfigPath}`,
    "              kubectl get agents.kagent.dev,networkpolicies -A",
    `Audit log:    ${home.auditLog}`,
    `Remove it:    npm run sandbox -- down${here}`,
    "",
    "No agent runs here: this is an API server without nodes. It shows and refuses what a cluster would.",
    "",
  ].join("\n");
}
