/**
 * Network policies of other kinds than Kubernetes' own, read as what they allow (network-policy-api 0.3, Cilium 1.18, Calico 3.28,
 * its tiers as of 3.29).
 * BaselineAdminNetworkPolicy is left out: it counts for pods that no NetworkPolicy selects, and default-deny selects each governed one.
 */
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import { CALICO, CILIUM, POLICY_API } from "./kinds";

export interface OtherPolicyKind {
  readonly group: string;
  readonly kind: string;
  /** The rules that allow something, and the part of the object that says for whom. */
  readonly openings: (object: StackObject) => Iterable<{ readonly rule: Field; readonly part: Field }>;
  /** Of a kind without a namespace: whether a part may select pods of a namespace, as far as its name tells, and the key for that. */
  readonly maySelect?: (part: Field, namespace: string) => boolean;
  readonly nameKey?: string;
}

const rulesOf = (part: Field): Field[] => [...part.at("ingress").items(), ...part.at("egress").items()];

/** Whether names do not exclude a namespace: what a selector asks of other labels, anybody may fulfil. */
function mayMatch(selector: Field, key: RegExp, namespace: string): boolean {
  for (const [label, value] of selector.at("matchLabels").textMap())
    if (key.test(label) && value !== namespace) return false;
  for (const expression of selector.at("matchExpressions").items()) {
    const [operator, isNamed] = [
      expression.at("operator").text(),
      key.test(expression.at("key").text() ?? ""),
    ];
    const isListed = expression.at("values").texts().includes(namespace);
    if (isNamed && ((operator === "In" && !isListed) || (operator === "NotIn" && isListed))) return false;
  }
  return true;
}

const adminKind = (kind: string): OtherPolicyKind => ({
  group: POLICY_API,
  kind,
  *openings({ spec }) {
    // In the tier Baseline, nothing comes before NetworkPolicies. The older kind has no tiers.
    if (kind === "ClusterNetworkPolicy" && spec.at("tier").text() === "Baseline") return;
    for (const rule of rulesOf(spec))
      if (!["Deny", "Pass"].includes(rule.at("action").text() ?? "")) yield { rule, part: spec };
  },
  maySelect: (part, namespace) => {
    const subject = part.at("subject");
    const selector = subject.at("namespaces").isPresent
      ? subject.at("namespaces")
      : subject.at("pods", "namespaceSelector");
    return mayMatch(selector, /^kubernetes\.io\/metadata\.name$/, namespace);
  },
  nameKey: "kubernetes.io/metadata.name",
});

/** Parts of a rule that only demand more of what another rule allows. */
const DEMANDS = ["fromRequires", "toRequires", "authentication"];
/** An empty rule allows nothing: that is how Cilium writes default deny. */
const isOpening = (rule: Field): boolean =>
  rule
    .entries()
    .some(([key, field]) => !DEMANDS.includes(key) && field.isPresent && field.items().length > 0);

const cilium = {
  group: CILIUM,
  *openings(object: StackObject) {
    for (const part of [object.spec, ...object.at("specs").items()])
      for (const rule of rulesOf(part)) if (isOpening(rule)) yield { rule, part };
  },
};

const TEXT = `(?:"[^"]*"|'[^']*')`;
/** `projectcalico.org/name == "shop"` and `projectcalico.org/name not in {"kagent"}`, and nothing besides; a space stands for any. */
const BY_NAME = new RegExp(
  `^ ?(?:projectcalico\\.org/name|kubernetes\\.io/metadata\\.name)(?: ?([=!]=) ?(${TEXT})|[ \\t] ?(in|not ?in) ?(\\{ ?${TEXT}(?: ?, ?${TEXT})* ?\\})) ?$`.replaceAll(
    " ?",
    "[ \\t]*",
  ),
);

/** Whether the name does not exclude a namespace; any other expression excludes nobody. */
function mayName(selector: string, namespace: string): boolean {
  const [, sign, text, list, texts] = BY_NAME.exec(selector) ?? [];
  const operator = sign ?? list;
  if (operator === undefined) return true;
  const names = [...(text ?? texts ?? "").matchAll(/"([^"]*)"|'([^']*)'/g)];
  return names.some(([, a, b]) => (a ?? b) === namespace) === ["==", "in"].includes(operator);
}

/**
 * Whatever its order: NetworkPolicies deny only what nothing in their tier has allowed. Pass skips the rest of a tier, and behind
 * theirs, which is `default` and also what an empty name means, everything is allowed.
 */
function* calicoOpenings({ spec }: StackObject) {
  const passes = (spec.at("tier").text() || "default") === "default" ? [] : ["Pass"];
  for (const rule of rulesOf(spec))
    if (!["Deny", "Log", ...passes].includes(rule.at("action").text() ?? "")) yield { rule, part: spec };
}

/** What is not tracked, or comes before DNAT, is about hosts. */
const isAboutHosts = ({ spec }: StackObject): boolean =>
  ["doNotTrack", "preDNAT"].some((key) => spec.at(key).flag() === true);

export const OTHER_POLICY_KINDS: readonly OtherPolicyKind[] = [
  adminKind("AdminNetworkPolicy"),
  adminKind("ClusterNetworkPolicy"),
  { ...cilium, kind: "CiliumNetworkPolicy" },
  {
    ...cilium,
    kind: "CiliumClusterwideNetworkPolicy",
    maySelect: (part, namespace) =>
      // By nodes it is about hosts.
      (part.at("endpointSelector").isPresent || !part.at("nodeSelector").isPresent) &&
      mayMatch(part.at("endpointSelector"), /^(k8s:|any:)?io\.kubernetes\.pod\.namespace$/, namespace),
    nameKey: "io.kubernetes.pod.namespace",
  },
  ...CALICO.flatMap((group): OtherPolicyKind[] => [
    { group, kind: "NetworkPolicy", openings: calicoOpenings },
    {
      group,
      kind: "GlobalNetworkPolicy",
      openings: (object) => (isAboutHosts(object) ? [] : calicoOpenings(object)),
      maySelect: (part, namespace) => mayName(part.at("namespaceSelector").text() ?? "", namespace),
      nameKey: "projectcalico.org/name",
    },
  ]),
];
