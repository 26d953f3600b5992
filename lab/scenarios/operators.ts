/** Ways to make one object wrong: taken away, opened wider, closed too far, or joined by somebody else's. */
import type { Manifest } from "../../components/plan/manifest";
import { istio, kagent } from "../../topology/index";

// biome-ignore lint/suspicious/noExplicitAny: a mutation may write anything anywhere in a manifest
type Doc = any;

export interface Operator {
  readonly name: string;
  /** Changes the object in place; false when there is nothing to change. Undefined: the object is dropped. */
  readonly change?: (object: Doc) => boolean | undefined;
}
export interface Mutation {
  /** Such as `drop NetworkPolicy team-beta/agent-specialist`. */
  readonly name: string;
  /** Name of the operator and kind: mutations of one sort. */
  readonly sort: string;
  /** Undefined: somebody adds the mutant. */
  readonly original: Manifest | undefined;
  /** Undefined: the object is dropped. */
  readonly mutant: Manifest | undefined;
}

const DROP: Operator = { name: "drop" };
const NOBODY = { "lab.invalid/nobody": "true" };

/** Sets or deletes one field; false when it is so already. */
function put(object: Doc, field: string, value: unknown): boolean {
  if (JSON.stringify(object?.[field]) === JSON.stringify(value) || object === undefined) return false;
  if (value === undefined) delete object[field];
  else object[field] = value;
  return true;
}
const select = ({ spec }: Doc): boolean => put(spec, "selector", { matchLabels: NOBODY });
/** Applies a change to every part; true when any changed. */
const each = (parts: Doc[] | undefined, change: (part: Doc) => boolean): boolean =>
  (parts ?? []).map(change).includes(true);

const peersOf = ({ spec }: Doc): Doc[] => [
  ...(spec.ingress ?? []).flatMap(({ from }: Doc) => from ?? []),
  ...(spec.egress ?? []).flatMap(({ to }: Doc) => to ?? []),
];
const sources = ({ spec }: Doc): Doc[] =>
  (spec.rules ?? []).flatMap((rule: Doc) => (rule.from ?? []).map(({ source }: Doc) => source));
const onlyRoute = ({ spec }: Doc): Doc => spec.http[0];

const OPERATORS: Readonly<Record<string, readonly Operator[]>> = {
  NetworkPolicy: [
    DROP,
    { name: "let everyone into", change: ({ spec }) => put(spec, "ingress", [{}]) },
    { name: "let everything out of", change: ({ spec }) => put(spec, "egress", [{}]) },
    { name: "let nobody into", change: ({ spec }) => spec.ingress?.length > 0 && put(spec, "ingress", []) },
    { name: "let nothing out of", change: ({ spec }) => spec.egress?.length > 0 && put(spec, "egress", []) },
    { name: "select nobody with", change: ({ spec }) => put(spec, "podSelector", { matchLabels: NOBODY }) },
    {
      name: "open every port in",
      change: ({ spec }) =>
        each([...(spec.ingress ?? []), ...(spec.egress ?? [])], (rule) => put(rule, "ports", undefined)),
    },
    {
      name: "open a neighbouring port in",
      change: ({ spec }) =>
        each(
          [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(({ ports }: Doc) => ports ?? []),
          (one) => put(one, "port", one.port + 1),
        ),
    },
    {
      name: "take any namespace for a peer in",
      change: (object) =>
        each(
          peersOf(object).filter(({ namespaceSelector }) => namespaceSelector !== undefined),
          (peer) => put(peer, "namespaceSelector", {}),
        ),
    },
    {
      name: "take any pod for a peer in",
      change: (object) =>
        each(
          peersOf(object).filter(({ podSelector }) => podSelector !== undefined),
          (peer) => put(peer, "podSelector", undefined),
        ),
    },
    {
      name: "except no range in",
      change: (object) =>
        each(
          peersOf(object).filter(({ ipBlock }) => ipBlock !== undefined),
          ({ ipBlock }) => put(ipBlock, "except", undefined),
        ),
    },
  ],
  AuthorizationPolicy: [
    DROP,
    { name: "allow everything by", change: ({ spec }) => put(spec, "rules", [{}]) },
    {
      name: "demand no token in",
      change: (object) => each(sources(object), (source) => put(source, "requestPrincipals", undefined)),
    },
    {
      name: "demand no identity in",
      change: (object) =>
        each(
          sources(object).filter(({ requestPrincipals }) => requestPrincipals !== undefined),
          (source) => put(source, "principals", undefined),
        ),
    },
    {
      name: "take any identity in",
      change: (object) => each(sources(object), (source) => put(source, "principals", ["*"])),
    },
    {
      name: "take any token in",
      change: (object) =>
        each(
          sources(object).filter(({ requestPrincipals }) => requestPrincipals !== undefined),
          (source) => put(source, "requestPrincipals", ["*"]),
        ),
    },
    {
      name: "leave out the conditions of",
      change: ({ spec }) => each(spec.rules, (rule) => put(rule, "when", undefined)),
    },
    {
      name: "leave out the operations of",
      change: ({ spec }) => each(spec.rules, (rule) => put(rule, "to", undefined)),
    },
    {
      name: "take prefixes for paths in",
      change: ({ spec }) =>
        each(
          (spec.rules ?? []).flatMap(({ to }: Doc) => (to ?? []).map(({ operation }: Doc) => operation)),
          (operation) =>
            operation.paths !== undefined &&
            put(
              operation,
              "paths",
              kagent.AGENT_API_PATHS.map((path) => `${path}*`),
            ),
        ),
    },
    { name: "select nobody with", change: select },
    {
      name: "turn into a refusal",
      change: ({ spec }) => spec.rules !== undefined && put(spec, "action", "DENY"),
    },
  ],
  RequestAuthentication: [
    DROP,
    { name: "select nobody with", change: select },
    {
      name: "publish another key in",
      change: ({ spec }) => each(spec.jwtRules, (rule) => put(rule, "jwks", OTHER_KEYS)),
    },
    {
      name: "trust another issuer in",
      change: ({ spec }) => each(spec.jwtRules, (rule) => put(rule, "issuer", "somebody-else")),
    },
    {
      name: "take any audience in",
      change: ({ spec }) => each(spec.jwtRules, (rule) => put(rule, "audiences", undefined)),
    },
    {
      name: "look at another header in",
      change: ({ spec }) =>
        each(spec.jwtRules, (rule) => put(rule, "fromHeaders", [{ name: "X-Other-Token" }])),
    },
    {
      name: "keep the token from the callee in",
      change: ({ spec }) => each(spec.jwtRules, (rule) => put(rule, "forwardOriginalToken", undefined)),
    },
  ],
  PeerAuthentication: [
    DROP,
    { name: "permit plaintext by", change: ({ spec }) => put(spec.mtls, "mode", "PERMISSIVE") },
    { name: "forbid mutual TLS by", change: ({ spec }) => put(spec.mtls, "mode", "DISABLE") },
  ],
  Gateway: [
    DROP,
    { name: "select nobody with", change: ({ spec }) => put(spec, "selector", NOBODY) },
    {
      name: "take one host only in",
      change: ({ spec }) => each(spec.servers, (server) => put(server, "hosts", ["lab.invalid"])),
    },
    {
      name: "listen on another port in",
      change: ({ spec }) => each(spec.servers, ({ port }) => put(port, "number", istio.GATEWAY_PORT + 1)),
    },
  ],
  VirtualService: [
    DROP,
    {
      name: "match another callee in",
      change: (object) =>
        put(onlyRoute(object).match[0].headers[kagent.CALLEE_HEADER], "exact", "nobody.nowhere"),
    },
    {
      name: "take any callee in",
      change: (object) => put(onlyRoute(object), "match", undefined),
    },
    { name: "belong to another gateway with", change: ({ spec }) => put(spec, "gateways", ["another"]) },
    {
      name: "send to another port in",
      change: (object) => put(onlyRoute(object).route[0].destination.port, "number", kagent.AGENT_PORT + 1),
    },
  ],
  DestinationRule: [
    DROP,
    { name: "use no TLS by", change: ({ spec }) => put(spec.trafficPolicy.tls, "mode", "DISABLE") },
    { name: "be about another host in", change: ({ spec }) => put(spec, "host", "lab.invalid") },
  ],
};

/** A key set that nobody has the private key of. */
const OTHER_KEYS = JSON.stringify({
  keys: [{ kty: "OKP", crv: "Ed25519", kid: "other", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }],
});

/** Routes of other namespaces at the gateway, each for one Host, under which it would answer every caller by itself. */
function foreignRoutes(manifests: readonly Manifest[]): Mutation[] {
  return manifests
    .filter(({ kind }) => kind === "VirtualService")
    .map(({ apiVersion, kind, spec }): Mutation => {
      const host = (spec as Doc).http[0].match[0].headers[kagent.CALLEE_HEADER].exact;
      const namespace = host.split(".")[1];
      const mutant = {
        apiVersion,
        kind,
        metadata: { name: "foreign", namespace },
        spec: {
          hosts: [host],
          gateways: [`${istio.GATEWAY_NAMESPACE}/${istio.GATEWAY_NAME}`],
          http: [{ directResponse: { status: 503 } }],
        },
      };
      const sort = `add a foreign ${kind}`;
      return { name: `${sort} for ${host}`, sort, original: undefined, mutant };
    });
}

/** A Gateway of another namespace for the gateway's pods, for more of the host that callers' sidecars name, and without a route. */
function foreignGateways(manifests: readonly Manifest[]): Mutation[] {
  const of = (wanted: string) => manifests.filter(({ kind }) => kind === wanted);
  const tenant = of("Namespace").find(({ metadata }) => metadata.name !== istio.GATEWAY_NAMESPACE);
  const [host = ""] = of("DestinationRule").map(({ spec }) => (spec as Doc).host);
  return of("Gateway").map(({ apiVersion, kind, spec }): Mutation => {
    const metadata = { name: "foreign", namespace: tenant?.metadata.name ?? "" };
    const mutant = { apiVersion, kind, metadata, spec: structuredClone(spec) as Doc };
    for (const server of mutant.spec.servers) {
      server.port.name = "https-foreign";
      server.hosts = [host.replace(/^[^.]+/, "*")];
    }
    const name = `add a foreign ${kind}`;
    return { name, sort: name, original: undefined, mutant };
  });
}

/** Every mutation of every object, in a fixed order. */
export function mutationsOf(manifests: readonly Manifest[]): Mutation[] {
  return [...manifests.flatMap(changesOf), ...foreignRoutes(manifests), ...foreignGateways(manifests)];
}

function changesOf(original: Manifest): Mutation[] {
  const { kind, metadata } = original;
  return (OPERATORS[kind] ?? []).flatMap(({ name, change }): Mutation[] => {
    const mutation = {
      name: `${name} ${kind} ${metadata.namespace}/${metadata.name}`,
      sort: `${name} ${kind}`,
      original,
    };
    if (change === undefined) return [{ ...mutation, mutant: undefined }];
    const mutant = structuredClone(original);
    return change(mutant) === true ? [{ ...mutation, mutant }] : [];
  });
}
