import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { OTHER_POLICY_KINDS, type OtherPolicyKind } from "../../reading/other-policies";
import { governed, inGoverned } from "../../reading/scope";

interface OtherPolicy {
  readonly object: StackObject;
  readonly kind: OtherPolicyKind;
}

function* otherPolicies(stack: StackIndex): Iterable<OtherPolicy> {
  if (governed(stack).size === 0) return;
  for (const kind of OTHER_POLICY_KINDS) {
    const { group, kind: name, maySelect } = kind;
    const objects = maySelect === undefined ? inGoverned(stack, group, name) : stack.of(group, name);
    for (const object of objects) yield { object, kind };
  }
}

export const noOtherPolicies = rule({
  name: "network-no-other-policies",
  layer: "network",
  severity: "critical",
  description:
    "No network policy of another kind (AdminNetworkPolicy, ClusterNetworkPolicy, Cilium's, Calico's) allows traffic of governed namespaces.",
  why: "What such a policy allows is let through though no NetworkPolicy allows it: it comes before them, or is added to them.",
  remediation: [
    "Write what is to be allowed as a delegation, or as another part of the stack configuration.",
    "What only denies may stay; a policy for the whole cluster must leave out governed namespaces by name:",
    "  AdminNetworkPolicy, ClusterNetworkPolicy: subject: {namespaces: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kagent, team-alpha]}]}}",
    "  CiliumClusterwideNetworkPolicy: endpointSelector: {matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [kagent, team-alpha]}]}",
    "  GlobalNetworkPolicy: namespaceSelector: projectcalico.org/name not in {'kagent', 'team-alpha'}",
  ],
  subjects: otherPolicies,
  *check({ object, kind: { openings, maySelect, nameKey } }, stack) {
    for (const { rule, part } of openings(object)) {
      if (maySelect === undefined) {
        yield rule.finding("allows traffic past the stack's NetworkPolicies. Remove it.");
        continue;
      }
      const met = [...governed(stack)].filter((namespace) => maySelect(part, namespace));
      if (met.length > 0)
        yield rule.finding(
          `may allow traffic of ${met.join(", ")} past the stack's NetworkPolicies. Remove it, or have the policy leave out these namespaces by ${nameKey}.`,
        );
    }
  },
});
