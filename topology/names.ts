/**
 * Every name the program gives to a Kubernetes object or a token claim, written once.
 * All are literal functions of the configuration, so that policies can read them in a preview.
 */

import { GATEWAY_NAME, GATEWAY_NAMESPACE, GATEWAY_PORT, principal, serviceHost } from "./istio";
import { CONTROLLER_SERVICE_ACCOUNT, KAGENT_NAMESPACE, UI_SERVICE_ACCOUNT } from "./kagent";
import { CERT_MANAGER_NAMESPACE, EXTERNAL_SECRETS_NAMESPACE, GATEKEEPER_NAMESPACE } from "./platform";

/** What identifies an agent: its tenant (which is its namespace) and its name. */
export interface AgentRef {
  readonly tenant: string;
  readonly name: string;
}

const SERVICE_ACCOUNT_SUFFIX = "-sa";
const TOKEN_SECRET_SUFFIX = "-a2a-tokens";
const API_KEY_SUFFIX = "-api-key";
const VAULT_API_KEY_SUFFIX = "-api-key-vault";

/** A DNS label. kagent names a Service and a label value like the agent; the mesh repeats names as label values. */
const MAX_LABEL = 63;
export const MAX_TENANT_NAME = MAX_LABEL;
/** So that everything derived from the name, too, fits a label value. */
export const MAX_AGENT_NAME = MAX_LABEL - TOKEN_SECRET_SUFFIX.length;
export const MAX_MODEL_NAME = MAX_LABEL - API_KEY_SUFFIX.length;

/** `<tenant>/<agent>`: how configuration, messages and outputs name an agent. */
export const agentId = (agent: AgentRef): string => `${agent.tenant}/${agent.name}`;
/** `<tenant>.<agent>`: unambiguous since neither part may contain a dot. Token subject and audience, object names. */
export const dottedId = (agent: AgentRef): string => `${agent.tenant}.${agent.name}`;

export const serviceAccountName = (agentName: string): string => `${agentName}${SERVICE_ACCOUNT_SUFFIX}`;
/** Secret in the caller's namespace with one token per callee, keyed by the callee's audience. */
export const tokenSecretName = (agentName: string): string => `${agentName}${TOKEN_SECRET_SUFFIX}`;
/** Policies of one agent, in any layer. The prefix keeps them apart from those of the whole namespace. */
export const agentPolicyName = (agentName: string): string => `agent-${agentName}`;
/** Who can write API key Secrets: configuration key `secrets`. */
export const API_KEY_WRITERS = ["pulumi", "vault"] as const;
export type ApiKeyWriter = (typeof API_KEY_WRITERS)[number];
/**
 * Each writer has a Secret of its own. So no Secret ever has two, and a switch of the writer creates the new one, points the
 * ModelConfig at it, and only then deletes the old one.
 */
export const apiKeySecretName = (modelName: string, writer: ApiKeyWriter): string =>
  `${modelName}${writer === "vault" ? VAULT_API_KEY_SUFFIX : API_KEY_SUFFIX}`;
export const API_KEY_SECRET_KEY = "apiKey";

/** Suffixes that admission needs to derive the same names in CEL. */
export const DERIVED_SUFFIXES = { serviceAccount: SERVICE_ACCOUNT_SUFFIX, tokenSecret: TOKEN_SECRET_SUFFIX };

/** Value of `x-kagent-host` for a callee, as the Python runtime sends it (measured, kagent-adk 0.10.4). */
export const calleeHeaderValue = (agent: AgentRef): string => `${agent.name}.${agent.tenant}`;

export const agentHost = (agent: AgentRef, clusterDomain: string): string =>
  serviceHost(agent.name, agent.tenant, clusterDomain);
export const gatewayHost = (clusterDomain: string): string =>
  serviceHost(GATEWAY_NAME, GATEWAY_NAMESPACE, clusterDomain);

/** `proxy.url` of kagent. Short, so that it resolves whatever the cluster's DNS domain is; measured in this form. */
export const GATEWAY_URL = `http://${GATEWAY_NAME}.${GATEWAY_NAMESPACE}:${GATEWAY_PORT}`;

export const agentPrincipal = (agent: AgentRef, trustDomain: string): string =>
  principal(trustDomain, agent.tenant, serviceAccountName(agent.name));
export const gatewayPrincipal = (trustDomain: string): string =>
  principal(trustDomain, GATEWAY_NAMESPACE, GATEWAY_NAME);
export const controllerPrincipal = (trustDomain: string): string =>
  principal(trustDomain, KAGENT_NAMESPACE, CONTROLLER_SERVICE_ACCOUNT);
export const uiPrincipal = (trustDomain: string): string =>
  principal(trustDomain, KAGENT_NAMESPACE, UI_SERVICE_ACCOUNT);

/** Namespaces that belong to Kubernetes or to the platform and can be no tenant. A trailing `*` matches any ending. */
export const RESERVED_NAMESPACES = [
  CERT_MANAGER_NAMESPACE,
  "default",
  EXTERNAL_SECRETS_NAMESPACE,
  GATEKEEPER_NAMESPACE,
  "istio-*",
  KAGENT_NAMESPACE,
  "kube-*",
  "openshift*",
  "vault",
] as const;

export function isReservedNamespace(name: string): boolean {
  return RESERVED_NAMESPACES.some((reserved) =>
    reserved.endsWith("*") ? name.startsWith(reserved.slice(0, -1)) : name === reserved,
  );
}
