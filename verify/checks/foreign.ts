/** Nobody else's objects in the governed namespaces widen what the stack declares. */
import { isReservedNamespace, istio, kagent, type Topology } from "../../topology/index";
import type { Doc } from "../static/objects";
import { type Check, fail, pass } from "./check";
import { nameOf } from "./drift";

/** Kinds that can widen, and whether one of them does when it is not the stack's. */
const KINDS: Readonly<
  Record<
    "network" | "identity" | "token" | "rbac" | "agents",
    Readonly<Record<string, (object: Doc) => boolean>>
  >
> = {
  network: { NetworkPolicy: ({ spec }) => hasRules(spec), ServiceEntry: () => true },
  identity: {
    AuthorizationPolicy: ({ spec }) => (spec?.action ?? "ALLOW") === "ALLOW" && spec?.rules?.length > 0,
    PeerAuthentication: ({ spec }) => !isStrict(spec),
    Gateway: () => true,
    VirtualService: () => true,
    DestinationRule: () => true,
    EnvoyFilter: () => true,
  },
  token: { RequestAuthentication: () => true },
  rbac: { RoleBinding: ({ subjects = [] }) => !subjects.every(isPlatform) },
  agents: { Agent: () => true },
};

const hasRules = ({ ingress = [], egress = [] }: Doc): boolean => ingress.length + egress.length > 0;

function isStrict(spec: Doc): boolean {
  const ports: Doc[] = Object.values(spec?.portLevelMtls ?? {});
  return spec?.mtls?.mode === "STRICT" && ports.every(({ mode }) => mode === "STRICT");
}

/** Accounts of the platform, such as kagent's own controller, have rights in the tenants' namespaces. */
function isPlatform({ kind, namespace = "", name }: Doc): boolean {
  if (kind === "ServiceAccount") return isReservedNamespace(namespace) && namespace !== "default";
  return kind === "User" && name.startsWith("system:") && name !== "system:anonymous";
}

const governedNamespaces = ({ tenants }: Topology): string[] => [
  kagent.KAGENT_NAMESPACE,
  ...tenants.map(({ name }) => name),
];

export const foreign: readonly Check[] = (Object.keys(KINDS) as (keyof typeof KINDS)[]).map((layer) => ({
  layer,
  title: "nothing in the governed namespaces widens it",
  run: async ({ topology, planned, live }) => {
    const own = new Set(planned.map(({ manifest }) => nameOf(manifest)));
    const namespaces = governedNamespaces(topology);
    const found = Object.entries(KINDS[layer]).flatMap(([kind, widens]) =>
      // An EnvoyFilter in Istio's own namespace is about every workload of the mesh.
      [...namespaces, ...(kind === "EnvoyFilter" ? [istio.ISTIO_NAMESPACE] : [])]
        .flatMap((namespace) => live.objects.in(kind, namespace))
        .filter((object) => !own.has(nameOf(object)) && widens(object)),
    );
    if (found.length === 0) return [pass("governed namespaces", `${namespaces.length} of them`)];
    return found.map((object) =>
      fail(nameOf(object), "is not declared by the stack; remove it, or declare it"),
    );
  },
}));
