/** Which workload a selector means, and which one a principal names. A selector that means none protects nothing. */
import { GATEWAY_LABELS, GATEWAY_NAME, GATEWAY_NAMESPACE } from "../../topology/istio";
import {
  agentPodLabels,
  CONTROLLER_SERVICE_ACCOUNT,
  KAGENT_NAMESPACE,
  type KagentComponent,
  kagentPodLabels,
  UI_SERVICE_ACCOUNT,
} from "../../topology/kagent";
import type { Labels } from "../../topology/labels";
import { agentId } from "../../topology/names";
import type { Field } from "../framework/field";
import type { StackIndex } from "../framework/stack-index";
import { type AgentView, agentById, agentsWithAccount } from "./agents";
import { governed } from "./scope";

export type PlatformWorkload = KagentComponent | "gateway";
export type Workload =
  | { readonly kind: "agent"; readonly agent: AgentView }
  | { readonly kind: PlatformWorkload };

const COMPONENTS: readonly (readonly [PlatformWorkload, string, Labels])[] = [
  ...(["controller", "ui", "database"] as const).map(
    (name) => [name, KAGENT_NAMESPACE, kagentPodLabels(name)] as const,
  ),
  ["gateway", GATEWAY_NAMESPACE, GATEWAY_LABELS],
];

/** Exactly these labels: one more may select nothing, one less selects others too. */
function sameLabels(labels: ReadonlyMap<string, string>, wanted: Labels): boolean {
  const entries = Object.entries(wanted);
  return labels.size === entries.length && entries.every(([key, value]) => labels.get(key) === value);
}

export function workloadWithLabels(
  stack: StackIndex,
  namespace: string,
  labels: ReadonlyMap<string, string>,
): Workload | undefined {
  const name = labels.get("kagent");
  if (name !== undefined && sameLabels(labels, agentPodLabels(name))) {
    const agent = agentById(stack, agentId({ tenant: namespace, name }));
    if (agent !== undefined) return { kind: "agent", agent };
  }
  const component = COMPONENTS.find(([, home, wanted]) => home === namespace && sameLabels(labels, wanted));
  return component && { kind: component[0] };
}

/** What a `matchLabels` selector of an Istio or network policy means; `all` when it is absent or empty. */
export function selected(
  stack: StackIndex,
  namespace: string,
  selector: Field,
): Workload | "all" | undefined {
  if (selector.at("matchExpressions").items().length > 0) return undefined;
  const labels = selector.at("matchLabels").textMap();
  return labels.size === 0 ? "all" : workloadWithLabels(stack, namespace, labels);
}

export interface PrincipalView {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly account: string;
}

/** `<trust domain>/ns/<namespace>/sa/<account>`, all of it written out; undefined for anything else. */
export function parsePrincipal(text: string): PrincipalView | undefined {
  const [, trustDomain = "", namespace = "", account = ""] =
    /^([^/*\s]+)\/ns\/([^/*\s]+)\/sa\/([^/*\s]+)$/.exec(text) ?? [];
  return trustDomain === "" ? undefined : { trustDomain, namespace, account };
}

const PLATFORM_ACCOUNTS: Readonly<Record<string, PlatformWorkload>> = {
  [CONTROLLER_SERVICE_ACCOUNT]: "controller",
  [UI_SERVICE_ACCOUNT]: "ui",
  [GATEWAY_NAME]: "gateway",
};

/** Who has a principal: a workload of this stack, somebody outside of all governed namespaces, or nobody. */
export function principalOwner(
  stack: StackIndex,
  { namespace, account }: PrincipalView,
): Workload | "outside" | undefined {
  if (!governed(stack).has(namespace)) return "outside";
  const platform = namespace === KAGENT_NAMESPACE ? PLATFORM_ACCOUNTS[account] : undefined;
  if (platform !== undefined) return { kind: platform };
  const [agent] = agentsWithAccount(stack, namespace, account);
  return agent && { kind: "agent", agent };
}
