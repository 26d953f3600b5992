/** Nobody else's objects in the governed namespaces, or about what stands there, widen what the stack declares. */
import { isReservedNamespace, istio, kagent, type Topology } from "../../topology/index";
import { type Doc, type Objects, selects } from "../static/objects";
import { type Check, type Context, type Finding, fail, pass } from "./check";
import { nameOf } from "./drift";

type Widens = (object: Doc) => boolean;

/** Kinds that can widen, and whether one of them does when it is not the stack's. */
const KINDS: Readonly<
  Record<"network" | "identity" | "token" | "rbac" | "agents", Readonly<Record<string, Widens>>>
> = {
  network: { NetworkPolicy: ({ spec }) => hasRules(spec), ServiceEntry: () => true },
  identity: {
    AuthorizationPolicy: ({ spec }) => (spec?.action ?? "ALLOW") === "ALLOW" && spec?.rules?.length > 0,
    PeerAuthentication: ({ spec }) => !isStrict(spec),
    Gateway: () => true,
    VirtualService: () => true,
    DestinationRule: () => true,
    EnvoyFilter: () => true,
    WasmPlugin: () => true,
    // It may take a pod's requests past its filters, or let out what the mesh does not know.
    Sidecar: ({ spec }) => spec?.ingress?.length > 0 || spec?.outboundTrafficPolicy !== undefined,
  },
  token: { RequestAuthentication: () => true },
  rbac: { RoleBinding: ({ subjects = [] }) => !subjects.every(isPlatform) },
  agents: { Agent: () => true },
};

/** Kinds that are about every workload of the mesh when they stand in Istio's own namespace. */
const MESH_WIDE = [
  "AuthorizationPolicy",
  "PeerAuthentication",
  "RequestAuthentication",
  "EnvoyFilter",
  "WasmPlugin",
  "Sidecar",
];

const hasRules = ({ ingress = [], egress = [] }: Doc): boolean => ingress.length + egress.length > 0;

function isStrict(spec: Doc): boolean {
  const ports: Doc[] = Object.values(spec?.portLevelMtls ?? {});
  return spec?.mtls?.mode === "STRICT" && ports.every(({ mode }) => mode === "STRICT");
}

/** Under this name a service account is a user. */
const ACCOUNT_AS_USER = /^system:serviceaccount:([^:]+):/;

/** Accounts of the platform, such as kagent's own controller, have rights in the tenants' namespaces. */
function isPlatform({ kind, namespace = "", name }: Doc): boolean {
  if (kind !== "ServiceAccount" && kind !== "User") return false;
  const home = kind === "ServiceAccount" ? namespace : ACCOUNT_AS_USER.exec(name)?.[1];
  if (home !== undefined) return isReservedNamespace(home) && home !== "default";
  return name.startsWith("system:") && name !== "system:anonymous";
}

export const governedNamespaces = ({ tenants }: Topology): string[] => [
  kagent.KAGENT_NAMESPACE,
  ...tenants.map(({ name }) => name),
];

/** Where objects of a kind are about the governed namespaces. */
function about(objects: Objects, kind: string, namespaces: readonly string[]): Doc[] {
  const places = [...namespaces, ...(MESH_WIDE.includes(kind) ? [istio.ISTIO_NAMESPACE] : [])];
  const gateway = `${istio.GATEWAY_NAMESPACE}/${istio.GATEWAY_NAME}`;
  return [
    ...places.flatMap((namespace) => objects.in(kind, namespace)),
    ...(kind === "VirtualService"
      ? objects
          .all(kind)
          .filter(({ metadata, spec }) => !places.includes(metadata.namespace) && isFor(gateway, spec))
      : []),
  ];
}
const isFor = (gateway: string, spec: Doc): boolean => (spec?.gateways ?? []).includes(gateway);

const widening = (Object.keys(KINDS) as (keyof typeof KINDS)[]).map(
  (layer): Check => ({
    layer,
    title: "nothing in the governed namespaces widens it",
    run: async ({ topology, planned, live }) => {
      const own = new Set(planned.map(({ manifest }) => nameOf(manifest)));
      const namespaces = governedNamespaces(topology);
      const found = Object.entries(KINDS[layer]).flatMap(([kind, widens]) =>
        about(live.objects, kind, namespaces).filter((object) => !own.has(nameOf(object)) && widens(object)),
      );
      if (found.length === 0) return [pass("governed namespaces", `${namespaces.length} of them`)];
      return found.map((object) =>
        fail(nameOf(object), "is not declared by the stack; remove it, or declare it"),
      );
    },
  }),
);

/** Policies and Services know an agent's pods by their labels, whoever gave them to a pod. */
const imposters: Check = {
  layer: "agents",
  title: "no other pod has an agent's labels",
  run: async ({ topology, cluster }: Context): Promise<readonly Finding[]> => {
    const pods = (await cluster.list("v1", "Pod")) ?? [];
    const found = topology.agents.flatMap(({ tenant, name }) =>
      pods.filter(
        ({ metadata }) =>
          metadata.namespace === tenant &&
          selects({ matchLabels: kagent.agentPodLabels(name) }, metadata.labels ?? {}) &&
          !isOfDeployment(metadata, name),
      ),
    );
    if (found.length === 0) return [pass("pods", `${topology.agents.length} agents`)];
    return found.map((pod) => fail(nameOf(pod), "has an agent's labels and is not of its Deployment"));
  },
};

function isOfDeployment({ ownerReferences = [] }: Doc, deployment: string): boolean {
  const owner = ownerReferences.find(({ controller }: Doc) => controller === true);
  return owner?.kind === "ReplicaSet" && owner.name.replace(/-[^-]+$/, "") === deployment;
}

export const foreign: readonly Check[] = [...widening, imposters];
