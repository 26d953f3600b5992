/** What `npm start` says at its end. */
import { relative } from "node:path";
import { auditPolicy } from "../components/layers/audit";
import { allowedNamespaces } from "../components/layers/reconciler";
import type { Layer } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { noticesOf } from "../operations/operate";
import type { Step } from "../operations/steps";
import { crossesTenants, type Topology } from "../topology";
import type { SandboxHome } from "./control-plane";
import type { DeployedSandbox } from "./sandbox";

type Row = readonly [layer: string, done: string, what: string];

const BASE: readonly (readonly [Layer, string])[] = [
  ["platform", "what the objects stand on"],
  ["namespaces", "namespaces with Pod Security, quotas and limits"],
  ["pki", "the mesh's certificate authority"],
  ["rbac", "what teams may do; an account without rights per agent"],
  ["secrets", "API keys of models"],
  ["models", "model configurations"],
  ["agents", "the Agents"],
];

function rowsOf({ topology, result: { steps } }: DeployedSandbox): Record<"base" | "layers", Row[]> {
  const layers = new Map(plan(topology).map(({ key, layer }) => [key, layer]));
  const byLayer = new Map<Layer, Step[]>();
  for (const step of steps) {
    const key = [step.apiVersion, step.kind, step.namespace ?? "", step.name].join("/");
    // What is no object is the seed of a key.
    const layer = layers.get(key) ?? (step.apiVersion === undefined ? "token" : undefined);
    if (layer !== undefined) byLayer.set(layer, [...(byLayer.get(layer) ?? []), step]);
  }
  const row = (layer: Layer, what: string): Row => [layer, counts(byLayer.get(layer) ?? []), what];
  const selecting = topology.agents.filter((agent) => allowedNamespaces(agent).from === "Selector").length;
  const { rules } = auditPolicy(topology);
  return {
    base: BASE.filter(([layer]) => byLayer.has(layer)).map(([layer, what]) => row(layer, what)),
    layers: [
      row("admission", "what the API server refuses"),
      [
        "reconciler",
        "part of Agents",
        `allowedNamespaces: other namespaces may refer to ${selecting} of ${topology.agents.length} Agents`,
      ],
      row("network", "who may connect to whom"),
      row("identity", "mTLS, and who may call whom"),
      row("token", "signed delegation tokens, the seeds of their keys, and their public keys"),
      [
        "audit",
        "in force",
        `the API server's audit policy, ${rules.length} rules; it is a file and no object`,
      ],
    ],
  };
}

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
  same: "unchanged",
};

/** `2 created, 3 unchanged`. Halves of a replacement are not counted beside it. */
function counts(steps: readonly Step[]): string {
  const byOperation = new Map<string, number>();
  for (const { operation } of steps)
    if (operation in DONE) byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
  return Object.keys(DONE)
    .filter((operation) => byOperation.has(operation))
    .map((operation) => `${byOperation.get(operation)} ${DONE[operation]}`)
    .join(", ");
}

/** What was done to objects and keys; components are not counted. */
function changes({ result: { steps } }: DeployedSandbox): string {
  const isChanged = steps.some(({ operation }) => operation !== "same");
  return [...(isChanged ? [] : ["0 to change"]), counts(steps)].join(", ");
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
  const { base, layers } = rowsOf(sandbox);
  const width = Math.max(...[...base, ...layers].map(([, done]) => done.length));
  const table = (rows: readonly Row[]) =>
    rows.map(([layer, done, what]) => `  ${layer.padEnd(11)} ${done.padEnd(width)}  ${what}`);
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
    "The base",
    ...table(base),
    "",
    "The six layers",
    ...table(layers),
    "",
    "Every mandatory policy holds.",
    ...noticesOf(sandbox.result).map((notice) => `  ${notice}`),
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
