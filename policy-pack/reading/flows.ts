/** NetworkPolicies of governed namespaces, read as flows: who may talk to whom on which port. */
import { AGENT_PORT } from "../../topology/kagent";
import { NAMESPACE_NAME_LABEL } from "../../topology/labels";
import { agentId } from "../../topology/names";
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { type AgentView, agentById } from "./agents";
import { NETWORKING } from "./kinds";
import { governed, inGoverned } from "./scope";
import { selected, type Workload, workloadWithLabels } from "./workloads";

export type Peer =
  /** Agents of this stack, and names that no Agent has. */
  | { readonly kind: "agents"; readonly agents: readonly AgentView[]; readonly missing: readonly string[] }
  | { readonly kind: "platform"; readonly workload: Exclude<Workload["kind"], "agent"> }
  | { readonly kind: "addresses"; readonly cidr: string }
  /** Pods of namespaces that the stack does not govern. */
  | { readonly kind: "elsewhere"; readonly namespaces: readonly string[] }
  /** Not bound to one set of pods by name of namespace and labels: everybody, or whoever labels themselves so. */
  | { readonly kind: "open" };

export interface Flow {
  readonly policy: StackObject;
  readonly direction: "ingress" | "egress";
  /** Whose traffic; undefined when the policy's selector means no workload. */
  readonly subject: Workload | "all" | undefined;
  readonly field: Field;
  readonly peer: Peer;
  /** `TCP/8080`; empty means every port. */
  readonly ports: readonly string[];
}

export const networkPolicies = (stack: StackIndex): readonly StackObject[] =>
  stack.derive((all: StackIndex) => [...inGoverned(all, NETWORKING, "NetworkPolicy")]);

const memo = new WeakMap<StackObject, Flow[]>();

export function flowsOf(stack: StackIndex, policy: StackObject): readonly Flow[] {
  const known = memo.get(policy);
  if (known !== undefined) return known;
  const subject = selected(stack, policy.namespace, policy.spec.at("podSelector"));
  const flows = (["ingress", "egress"] as const).flatMap((direction) =>
    policy.spec
      .at(direction)
      .items()
      .flatMap((rule) => {
        const ports = rule.at("ports").items().map(portOf);
        const list = rule.at(direction === "ingress" ? "from" : "to");
        const peers = list.items();
        const common = { policy, direction, subject, ports };
        if (peers.length === 0) return [{ ...common, field: list, peer: { kind: "open" } as const }];
        return peers.map((field): Flow => ({ ...common, field, peer: peerOf(stack, policy, field) }));
      }),
  );
  memo.set(policy, flows);
  return flows;
}

function portOf(field: Field): string {
  const protocol = field.at("protocol").text() ?? "TCP";
  const port = field.at("port").value ?? "any";
  const end = field.at("endPort").number();
  return `${protocol}/${String(port)}${end === undefined ? "" : `-${end}`}`;
}

/** The names that a selector on `kubernetes.io/metadata.name` lists; undefined for any other selector. */
export function namespacesByName(selector: Field): string[] | undefined {
  const labels = selector.at("matchLabels").textMap();
  const expressions = selector.at("matchExpressions").items();
  if (labels.size + expressions.length !== 1) return undefined;
  const literal = labels.get(NAMESPACE_NAME_LABEL);
  if (literal !== undefined) return [literal];
  const [expression] = expressions;
  if (expression?.at("key").text() !== NAMESPACE_NAME_LABEL || expression.at("operator").text() !== "In")
    return undefined;
  return expression.at("values").texts();
}

function peerOf(stack: StackIndex, policy: StackObject, field: Field): Peer {
  if (field.at("ipBlock").isPresent) {
    const alone = !field.at("namespaceSelector").isPresent && !field.at("podSelector").isPresent;
    return alone ? { kind: "addresses", cidr: field.at("ipBlock", "cidr").text() ?? "" } : { kind: "open" };
  }
  const namespaceSelector = field.at("namespaceSelector");
  const namespaces = namespaceSelector.isPresent ? namespacesByName(namespaceSelector) : [policy.namespace];
  const pods = field.at("podSelector");
  const labels = pods.at("matchLabels").textMap();
  const expressions = pods.at("matchExpressions").items();
  if (namespaces === undefined || namespaces.length === 0 || labels.size + expressions.length === 0)
    return { kind: "open" };
  const inside = namespaces.filter((namespace) => governed(stack).has(namespace));
  const [namespace = ""] = namespaces;
  if (namespaces.length > 1) return { kind: "open" };
  if (inside.length === 0) return { kind: "elsewhere", namespaces };
  if (expressions.length === 0) {
    const workload = workloadWithLabels(stack, namespace, labels);
    if (workload === undefined) return unboundPods(labels, namespace);
    if (workload.kind === "agent") return { kind: "agents", agents: [workload.agent], missing: [] };
    return { kind: "platform", workload: workload.kind };
  }
  return listedAgents(stack, namespace, labels, expressions);
}

function unboundPods(labels: ReadonlyMap<string, string>, namespace: string): Peer {
  const name = labels.get("kagent");
  const isAgent = name !== undefined && labels.size === 2 && labels.get("app") === "kagent";
  return isAgent ? { kind: "agents", agents: [], missing: [`${namespace}/${name}`] } : { kind: "open" };
}

/** `app: kagent` and `kagent In [...]`: several agents of one namespace. */
function listedAgents(
  stack: StackIndex,
  namespace: string,
  labels: ReadonlyMap<string, string>,
  [expression, ...more]: readonly Field[],
): Peer {
  const bound =
    more.length === 0 &&
    labels.size === 1 &&
    labels.get("app") === "kagent" &&
    expression?.at("key").text() === "kagent" &&
    expression.at("operator").text() === "In";
  if (!bound || expression === undefined) return { kind: "open" };
  const found: AgentView[] = [];
  const missing: string[] = [];
  for (const name of expression.at("values").texts()) {
    const id = agentId({ tenant: namespace, name });
    const agent = agentById(stack, id);
    if (agent === undefined) missing.push(id);
    else found.push(agent);
  }
  return { kind: "agents", agents: found, missing };
}

export const TO_AGENT = `TCP/${AGENT_PORT}`;
