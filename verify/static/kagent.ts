/** What kagent makes of an Agent, and whether admission and the controller let one agent refer to another. */
import { EngineValue } from "../../components/plan/manifest";
import { kagent, TOKEN_HEADER, TOKEN_ISSUER, tokenSecretName } from "../../topology/index";
import type { Token } from "./istio";
import { type Doc, type Labels, NotUnderstood, type Objects, selects } from "./objects";

export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly address: string;
}

/** The pod that the controller runs for an Agent. */
export function agentPod({ metadata, spec }: Doc): Pod {
  return {
    namespace: metadata.namespace,
    labels: kagent.runningAgentLabels(metadata.name),
    serviceAccount: spec.declarative.deployment.serviceAccountName ?? metadata.name,
    address: "10.244.1.1",
  };
}

export const toolsOf = (agent: Doc): readonly Doc[] =>
  (agent.spec.declarative.tools ?? []).filter((tool: Doc) => tool.type === "Agent");

/** The token that an Agent sends to a callee: its tool's header, from the Secret of that name in its own namespace. */
export function tokenFor(objects: Objects, caller: Doc, callee: Doc): Token | undefined {
  const tool = toolsOf(caller).find(
    ({ agent }) => agent.name === callee.metadata.name && agent.namespace === callee.metadata.namespace,
  );
  const header = tool?.headersFrom?.find(({ name }: Doc) => name === TOKEN_HEADER);
  if (header === undefined) return undefined;
  const { name, key } = header.valueFrom;
  const value = objects.get("Secret", caller.metadata.namespace, name)?.stringData[key];
  return value instanceof EngineValue ? tokenNamed(value.name) : undefined;
}

/** Every token that the Secrets of an Agent hold. */
export function tokensHeldBy(objects: Objects, agent: Doc): Token[] {
  const { namespace, name } = agent.metadata;
  const data = objects.get("Secret", namespace, tokenSecretName(name))?.stringData ?? {};
  return Object.values<EngineValue>(data).map((value) => tokenNamed(value.name));
}

/** `token/<tenant>/<agent>/<tenant>/<agent>`: caller and callee. */
function tokenNamed(name: string): Token {
  const [kind, ...parts] = name.split("/");
  if (kind !== "token" || parts.length !== 4) throw new Error(`${name} is no token`);
  return {
    issuer: TOKEN_ISSUER,
    subject: `${parts[0]}.${parts[1]}`,
    audience: `${parts[2]}.${parts[3]}`,
    genuine: true,
    header: TOKEN_HEADER.toLowerCase(),
  };
}

/** The controller asks the callee, by namespace; within one namespace it does not ask. */
export function controllerAllows(objects: Objects, caller: Doc, callee: Doc): boolean {
  const home = caller.metadata.namespace;
  if (home === callee.metadata.namespace) return true;
  const { from = "Same", selector } = callee.spec.allowedNamespaces ?? {};
  if (from === "All") return true;
  return from === "Selector" && selects(selector, objects.namespaceLabels(home));
}

type Parameters = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/**
 * The tables that the rules for Agents read, whichever engine carries them.
 * @throws NotUnderstood where nothing carries them
 */
export function admissionParameters(objects: Objects): Parameters {
  const constraint = objects.all("KagentA2AAgents")[0];
  if (constraint?.spec?.parameters !== undefined) return constraint.spec.parameters;
  const policy = objects
    .all("ValidatingAdmissionPolicy")
    .find(({ metadata }) => metadata.name === "kagent-a2a-agents");
  const literal = policy?.spec?.variables?.find(({ name }: Doc) => name === "params")?.expression;
  try {
    return JSON.parse(String(literal).replaceAll("'", '"'));
  } catch {
    throw new NotUnderstood("no admission policy for Agents carries the tables of the graph");
  }
}

/** Only the tables: that the CEL reads them so is for an API server to show. */
export function admissionDeclares(objects: Objects, caller: Doc, callee: Doc): boolean {
  const id = ({ metadata }: Doc) => `${metadata.namespace}/${metadata.name}`;
  const { tenants = {}, delegations = {} } = admissionParameters(objects);
  const home = caller.metadata.namespace;
  const isConsumer = objects.namespaceLabels(home)[kagent.CONSUMER_LABEL] === "true" && home in tenants;
  const crosses = home !== callee.metadata.namespace;
  return (!crosses || isConsumer) && (delegations[id(caller)] ?? []).includes(id(callee));
}
