import type { Topology } from "../../topology/index";
import type { Mutation } from "./operators";

/** Mutations that may change no cell, each with the reason. Any other that changes none is a hole in the lab or in the layers. */
export interface Explanation {
  readonly name: RegExp;
  /** Always, unless told. */
  readonly when?: (mutation: Mutation, topology: Topology) => boolean;
  readonly reason: string;
}

const BOTH_ENDS =
  "the peers are governed too: their own policies open these ports to these pods, and nothing else";
const NOBODY_SIGNED_IN =
  "nobody in the lab has signed in; whether a user's token is taken is shown at a real Envoy, in the tests";
const hasUsers: Explanation["when"] = (_, { oidc }) => oidc !== undefined;
const isEmpty: Explanation["when"] = ({ original }) => {
  const {
    rules = [],
    ingress = [],
    egress = [],
  } = (original?.spec ?? {}) as Record<string, readonly unknown[] | undefined>;
  return [...rules, ...ingress, ...egress].length === 0;
};
const OTHER_HOP = "gateway and callee demand the same: what one lets through, the other refuses";

export const EXPLAINED: readonly Explanation[] = [
  {
    name: /^(drop|select nobody with) NetworkPolicy \S+\/default-deny$/,
    reason: "`every-pod` selects the same pods in both directions, so they stay isolated",
  },
  {
    name: /^take any pod for a peer in NetworkPolicy (kagent\/(kagent-|a2a-gateway)\S*|\S+\/agent-\S+)$/,
    reason: BOTH_ENDS,
  },
  {
    name: /^open every port in NetworkPolicy (kagent\/(kagent-|a2a-gateway)\S*|\S+\/agent-\S+)$/,
    reason: BOTH_ENDS,
  },
  {
    name: /^(drop|select nobody with) NetworkPolicy kagent\/(kagent-|a2a-gateway)\S*$/,
    when: isEmpty,
    reason: "it opens nothing, and `every-pod` isolates the same pods",
  },
  {
    name: /^let nobody into NetworkPolicy \S+\/every-pod$/,
    when: (_, { cluster }) => cluster.nodeCIDRs.length > 0,
    reason: "it lets in the kubelet's probes, and no kubelet probes the lab's pods",
  },
  {
    name: /^(drop|select nobody with) AuthorizationPolicy (kagent\/(kagent-ui|a2a-gateway\.\S+)|\S+\/agent-\S+)$/,
    when: isEmpty,
    reason: "without a rule it allows what `allow-nothing` of its namespace allows: nothing",
  },
  {
    name: /^\D+ (AuthorizationPolicy|RequestAuthentication) kagent\/kagent-(controller|ui)$/,
    when: hasUsers,
    reason: NOBODY_SIGNED_IN,
  },
  {
    name: /^leave out the operations of AuthorizationPolicy (kagent\/(kagent-(controller|ui|database)|a2a-gateway\.\S+)|\S+\/agent-\S+)$/,
    reason: "they hold the one port that a Service leads to, and sidecars know no other way to the pod",
  },
  {
    name: /^take any audience in RequestAuthentication \S+$/,
    reason: "each rule of the AuthorizationPolicy demands the audience too",
  },
  {
    name: /^(demand no|take any) token in AuthorizationPolicy \S+\/(a2a-gateway\.|agent-)\S+$/,
    reason: OTHER_HOP,
  },
  {
    name: /^leave out the conditions of AuthorizationPolicy \S+\/(a2a-gateway\.|agent-)\S+$/,
    reason: "the RequestAuthentication takes no other audience, or the other hop demands the same",
  },
  {
    name: /^take any callee in VirtualService \S+$/,
    reason:
      "the gateway lets no request through that names no declared callee, and routes that name one come first",
  },
  {
    name: /^add a foreign (VirtualService for \S+|Gateway)$/,
    reason: "the gateway takes routes and servers of its own namespace only",
  },
];

export const explanationOf = (mutation: Mutation, topology: Topology): Explanation | undefined =>
  EXPLAINED.find(({ name, when }) => name.test(mutation.name) && (when?.(mutation, topology) ?? true));
