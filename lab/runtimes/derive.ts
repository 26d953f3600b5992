/**
 * What the kagent controller makes of an Agent for its pod (Secret `<agent>` and the container's environment), derived from the
 * program's own objects. Source: kagent 0.10 (go/core/internal/controller/translator/agent); what no object of the program
 * has is left out.
 */
import type { Manifest } from "../../components/plan/manifest";
import { type AgentRef, kagent } from "../../topology/index";

/** `config.json`, as the Python runtime reads it. */
export interface RuntimeConfig {
  readonly model: { readonly type: "openai"; readonly model: string; readonly base_url: string };
  readonly description: string;
  readonly instruction: string;
  readonly remote_agents?: readonly RemoteAgent[];
  readonly stream: false;
}
export interface RemoteAgent {
  readonly name: string;
  readonly url: string;
  /** Secret: the token of the delegation is among them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly description: string;
}

/** All that a pod with the runtime is given. */
export interface RuntimeFiles {
  readonly config: RuntimeConfig;
  /** `agent-card.json`. */
  readonly card: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
}

interface AgentSpec {
  readonly description: string;
  readonly declarative: {
    readonly systemMessage: string;
    readonly modelConfig: string;
    readonly tools?: readonly Tool[];
    readonly a2aConfig: { readonly skills: readonly object[] };
  };
}
interface Tool {
  readonly type: string;
  readonly agent?: { readonly name: string; readonly namespace: string };
  readonly headersFrom?: readonly Header[];
}
interface Header {
  readonly name: string;
  readonly valueFrom: { readonly type: string; readonly name: string; readonly key: string };
}
interface ModelSpec {
  readonly provider: string;
  readonly model: string;
  readonly apiKeySecret?: string;
  readonly apiKeySecretKey?: string;
  readonly openAI?: { readonly baseUrl?: string };
}

/** Under this name an agent is a tool, and knows itself to the controller. */
export const toolName = (agent: AgentRef): string =>
  `${agent.tenant}/${agent.name}`.replaceAll("-", "_").replace("/", "__NS__");

/** Where the runtime's client finds OpenAI when a ModelConfig names no other place. */
const OPENAI = "https://api.openai.com/v1";

/** @returns undefined for a model that does not speak OpenAI's API */
export function modelUrl(model: {
  readonly provider: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}): URL | undefined {
  if (model.provider !== "OpenAI") return undefined;
  return new URL(String(model.parameters.baseUrl ?? OPENAI));
}

/**
 * @param objects those of the program, with real values in their Secrets
 * @param proxyUrl kagent's `proxy.url`, where calls among agents go through one
 */
export function runtimeFiles(
  agent: AgentRef,
  objects: readonly Manifest[],
  proxyUrl: string | undefined,
): RuntimeFiles {
  const find = <Spec>(kind: string, namespace: string, name: string): Spec & Manifest => {
    const found = objects.find(
      ({ kind: its, metadata }) => its === kind && metadata.namespace === namespace && metadata.name === name,
    );
    if (found === undefined) throw new Error(`there is no ${kind} ${namespace}/${name}`);
    return found as Spec & Manifest;
  };
  const secret = (name: string, key: string): string => {
    const value = find<{ stringData: Record<string, string> }>("Secret", agent.tenant, name).stringData[key];
    if (value === undefined) throw new Error(`Secret ${agent.tenant}/${name} has no ${key}`);
    return value;
  };
  const specOf = ({ tenant, name }: typeof agent) => find<{ spec: AgentSpec }>("Agent", tenant, name).spec;
  const { description, declarative } = specOf(agent);
  const model = find<{ spec: ModelSpec }>("ModelConfig", agent.tenant, declarative.modelConfig).spec;
  const remote = (declarative.tools ?? []).flatMap(({ type, agent: called, headersFrom = [] }) => {
    if (type !== "Agent" || called === undefined) return [];
    const callee = { tenant: called.namespace, name: called.name };
    const headers = headersFrom.map(({ name, valueFrom }) => [name, secret(valueFrom.name, valueFrom.key)]);
    return [remoteAgent(callee, specOf(callee).description, Object.fromEntries(headers), proxyUrl)];
  });
  return {
    config: {
      model: { type: "openai", model: model.model, base_url: model.openAI?.baseUrl ?? "" },
      description,
      instruction: declarative.systemMessage,
      ...(remote.length > 0 && { remote_agents: remote }),
      stream: false,
    },
    card: card(agent, description, declarative.a2aConfig.skills),
    environment: {
      ...(model.apiKeySecret !== undefined && {
        OPENAI_API_KEY: secret(model.apiKeySecret, model.apiKeySecretKey ?? ""),
      }),
      KAGENT_NAMESPACE: agent.tenant,
      KAGENT_NAME: agent.name,
      KAGENT_URL: `http://${kagent.CONTROLLER_SERVICE_ACCOUNT}.${kagent.KAGENT_NAMESPACE}:${kagent.CONTROLLER_PORT}`,
    },
  };
}

const addressOf = ({ tenant, name }: AgentRef): string => `http://${name}.${tenant}:${kagent.AGENT_PORT}`;

/** An agent as a tool. Through a proxy the URL is the proxy's, and a header names the callee. */
export function remoteAgent(
  callee: AgentRef,
  description: string,
  headers: Readonly<Record<string, string>>,
  proxyUrl: string | undefined,
): RemoteAgent {
  const direct = new URL(addressOf(callee));
  const all = proxyUrl === undefined ? headers : { ...headers, [kagent.CALLEE_HEADER]: direct.hostname };
  return {
    name: toolName(callee),
    url: proxyUrl === undefined ? direct.origin : new URL(proxyUrl).origin,
    ...(Object.keys(all).length > 0 && { headers: all }),
    description,
  };
}

function card(agent: AgentRef, description: string, skills: readonly object[]): Record<string, unknown> {
  const url = addressOf(agent);
  const speaking = (protocolVersion: string) => ({ url, protocolBinding: "JSONRPC", protocolVersion });
  return {
    name: kagent.cardName(agent.name),
    description,
    version: "",
    url,
    protocolVersion: "0.3",
    preferredTransport: "JSONRPC",
    supportedInterfaces: [speaking("0.3"), speaking("1.0")],
    capabilities: { streaming: true },
    defaultInputModes: ["text"],
    defaultOutputModes: ["text"],
    skills,
  };
}
