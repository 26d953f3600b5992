/**
 * What the API server lets into the cluster as a kagent Agent. Two kinds of rules: cross-namespace delegation, in every
 * namespace; and everything by which a team could edit its own Agent out of the other layers, in tenants.
 */
import { DERIVED_SUFFIXES, istio, kagent, type Topology } from "../../../topology/index";
import { agentParameters } from "./parameters";
import { type AdmissionPolicy, UNCHANGED_SPEC, type Validation, type Variable } from "./policy";

const VARIABLES: readonly Variable[] = [
  { name: "home", expression: "string(object.metadata.namespace)" },
  { name: "id", expression: "variables.home + '/' + object.metadata.name" },
  { name: "inTenant", expression: "variables.home in variables.params.tenants" },
  UNCHANGED_SPEC,
  { name: "spec", expression: "object.?spec.orValue({})" },
  { name: "declarative", expression: "object.?spec.?declarative.orValue({})" },
  { name: "deployment", expression: "object.?spec.?declarative.?deployment.orValue({})" },
  { name: "podContext", expression: "variables.deployment.?podSecurityContext.orValue({})" },
  { name: "context", expression: "variables.deployment.?securityContext.orValue({})" },
  { name: "tools", expression: "variables.declarative.?tools.orValue([])" },
  {
    name: "callees",
    expression: `variables.tools.filter(t, has(t.agent)).map(t, t.agent.?namespace.orValue('') == '' ? variables.home + '/' + t.agent.name : t.agent.namespace + '/' + t.agent.name)`,
  },
  { name: "foreign", expression: "variables.callees.filter(c, !c.startsWith(variables.home + '/'))" },
  {
    name: "declared",
    expression:
      "variables.id in variables.params.delegations ? variables.params.delegations[variables.id] : []",
  },
  {
    name: "given",
    expression: "variables.id in variables.params.agents ? variables.params.agents[variables.id] : []",
  },
  {
    name: "callers",
    expression: "variables.id in variables.params.callers ? variables.params.callers[variables.id] : []",
  },
  { name: "tokenSecret", expression: `object.metadata.name + '${DERIVED_SUFFIXES.tokenSecret}'` },
];

/** In every namespace of the cluster. */
const DELEGATION: readonly Validation[] = [
  {
    expression: `variables.unchanged || size(variables.foreign) == 0 || (namespaceObject != null && has(namespaceObject.metadata) && namespaceObject.metadata.?labels[?'${kagent.CONSUMER_LABEL}'].orValue('') == 'true')`,
    message: `'Agent ' + variables.id + ' refers to an agent of another namespace, and namespace ' + variables.home + ' is no consumer (label ${kagent.CONSUMER_LABEL})'`,
  },
  {
    expression: "variables.unchanged || variables.foreign.all(c, c in variables.declared)",
    message: `'Agent ' + variables.id + ' delegates to ' + variables.foreign.filter(c, !(c in variables.declared)).join(', ') + ', which the delegation graph does not declare'`,
  },
];

/** Outside of tenants none of these is our business. */
const tenant = (what: string, expression: string): Validation => ({
  expression: `!variables.inTenant || variables.unchanged || (${expression})`,
  message: `'Agent ' + variables.id + ': ${what.replaceAll("'", "\\'")}'`,
});

const anyOf = (object: string, fields: readonly string[]): string =>
  fields.map((field) => `has(${object}.${field})`).join(" || ");
const listed = (words: readonly string[]): string => `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

const KIND: readonly Validation[] = [
  tenant(
    `tenants run only Agents of ${kagent.KAGENT_API_VERSION}`,
    `object.kind == 'Agent' && object.apiVersion == '${kagent.KAGENT_API_VERSION}'`,
  ),
  tenant(
    "the delegation graph declares no such agent; add it to the stack configuration",
    "variables.id in variables.params.agents",
  ),
  tenant(
    "spec.type must be Declarative",
    "variables.spec.?type.orValue('') == 'Declarative' && !has(variables.spec.byo)",
  ),
  tenant(
    "it delegates to an agent of its own namespace that the delegation graph does not declare",
    "variables.callees.all(c, c in variables.declared || c in variables.foreign)",
  ),
  tenant(
    "tools of type Agent must be Agents of kagent.dev",
    `variables.tools.all(t, !has(t.agent) || (t.agent.?kind.orValue('Agent') in ['', 'Agent'] && t.agent.?apiGroup.orValue('') in ['', '${kagent.KAGENT_API_GROUP}']))`,
  ),
  tenant(
    "MCP servers must be of its own namespace",
    "variables.tools.all(t, !has(t.mcpServer) || t.mcpServer.?namespace.orValue('') in ['', variables.home])",
  ),
  tenant(
    "spec.allowedNamespaces must be Same, or select by kubernetes.io/metadata.name the namespaces that the delegation graph declares",
    `variables.spec.?allowedNamespaces.?from.orValue('Same') == 'Same' ||
      (variables.spec.allowedNamespaces.from == 'Selector'
        && variables.spec.allowedNamespaces.?selector.?matchLabels.orValue({}).size() == 0
        && variables.spec.allowedNamespaces.?selector.?matchExpressions.orValue([]).exists_one(e, true)
        && variables.spec.allowedNamespaces.selector.matchExpressions.all(e,
             e.key == 'kubernetes.io/metadata.name' && e.operator == 'In'
             && e.?values.orValue([]).all(v, v in variables.callers)))`,
  ),
];

const POD: readonly Validation[] = [
  tenant(
    "it must run as its own service account",
    `variables.deployment.?serviceAccountName.orValue('') == object.metadata.name + '${DERIVED_SUFFIXES.serviceAccount}' && !has(variables.deployment.serviceAccountConfig)`,
  ),
  tenant(
    "podSecurityContext must set runAsNonRoot and seccompProfile RuntimeDefault",
    "variables.podContext.?runAsNonRoot.orValue(false) == true && variables.podContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault'",
  ),
  tenant(
    "securityContext must set runAsNonRoot, forbid privilege escalation and drop ALL capabilities, and add none",
    `variables.context.?runAsNonRoot.orValue(false) == true && variables.context.?allowPrivilegeEscalation.orValue(true) == false
      && variables.context.?privileged.orValue(false) == false
      && 'ALL' in variables.context.?capabilities.?drop.orValue([])
      && variables.context.?capabilities.?add.orValue([]).size() == 0`,
  ),
  tenant(
    `it must not run as uid or gid ${istio.SIDECAR_UID}, whose traffic bypasses the sidecar, nor as root`,
    `[variables.podContext.?runAsUser.orValue(-1), variables.podContext.?runAsGroup.orValue(-1)].all(id, !(id in [0, ${istio.SIDECAR_UID}]))
      && [variables.context.?runAsUser.orValue(-1), variables.context.?runAsGroup.orValue(-1)].all(id, !(id in [0, ${istio.SIDECAR_UID}]))
      && variables.podContext.?fsGroup.orValue(-1) != ${istio.SIDECAR_UID}
      && !(${istio.SIDECAR_UID} in variables.podContext.?supplementalGroups.orValue([]))`,
  ),
  tenant(
    "its pods may not carry labels or annotations of Istio, annotations of CNI plugins, nor the labels app and kagent that select them",
    `variables.deployment.?labels.orValue({}).all(k, !(k in ['app', 'kagent', 'istio']) && !k.contains('istio.io'))
      && variables.deployment.?annotations.orValue({}).all(k, !k.contains('istio.io') && !k.contains('cni.'))`,
  ),
  tenant(
    "spec.declarative.deployment.imageRegistry would choose its image; it is set for all agents, in the values of kagent",
    "variables.deployment.?imageRegistry.orValue('') == ''",
  ),
  tenant(
    `its volumes may be of type ${listed(kagent.AGENT_VOLUMES)}, or projected from ${listed(kagent.AGENT_PROJECTIONS)}`,
    `variables.deployment.?volumes.orValue([]).all(v, ${anyOf("v", kagent.AGENT_VOLUMES)}
      || (has(v.projected) && v.projected.?sources.orValue([]).all(s, ${anyOf("s", kagent.AGENT_PROJECTIONS)})))`,
  ),
  tenant(
    "variables named PYTHON*, LD_* or BROWSER would run code of its choice, and STS_* or KAGENT_* send users' tokens elsewhere",
    `variables.deployment.?env.orValue([]).all(e, !e.name.matches('${kagent.AGENT_ENV_REFUSED}'))
      && variables.deployment.?envFrom.orValue([]).all(e, !e.?prefix.orValue('').matches('${kagent.AGENT_ENV_REFUSED}'))`,
  ),
  tenant("extra containers are not allowed", "variables.deployment.?extraContainers.orValue([]).size() == 0"),
  tenant(
    "skills and executeCodeBlocks make its container privileged and are not allowed",
    "!has(variables.spec.skills) && variables.declarative.?executeCodeBlocks.orValue(false) == false",
  ),
];

const SECRETS: readonly Validation[] = [
  tenant(
    "a delegation token may be sent to its own callee only",
    `variables.tools.all(t, t.?headersFrom.orValue([]).all(h, h.?valueFrom.?type.orValue('') != 'Secret'
      || h.valueFrom.name in variables.given
      || (h.valueFrom.name == variables.tokenSecret && has(t.agent)
          && h.valueFrom.key == (t.agent.?namespace.orValue('') == '' ? variables.home : t.agent.namespace) + '.' + t.agent.name)))`,
  ),
  tenant(
    "it names a Secret that the delegation graph does not give it",
    `variables.deployment.?env.orValue([]).all(e, !has(e.valueFrom) || !has(e.valueFrom.secretKeyRef) || e.valueFrom.secretKeyRef.name in variables.given)
      && variables.deployment.?envFrom.orValue([]).all(e, !has(e.secretRef) || e.secretRef.name in variables.given)
      && variables.deployment.?imagePullSecrets.orValue([]).all(s, s.name in variables.given)
      && variables.deployment.?volumes.orValue([]).all(v,
           (!has(v.secret) || v.secret.?secretName.orValue('') in variables.given)
           && (!has(v.projected) || v.projected.?sources.orValue([]).all(s, !has(s.secret) || s.secret.name in variables.given)))
      && (variables.declarative.?systemMessageFrom.?type.orValue('') != 'Secret' || variables.declarative.systemMessageFrom.name in variables.given)
      && variables.declarative.?promptTemplate.?dataSources.orValue([]).all(d, d.?kind.orValue('ConfigMap') != 'Secret' || d.name in variables.given)`,
  ),
];

export function agentsPolicy(topology: Topology): AdmissionPolicy {
  return {
    name: "kagent-a2a-agents",
    constraintKind: "KagentA2AAgents",
    description:
      "Agents delegate only as the delegation graph declares, and a tenant's Agents stay inside its layers.",
    match: {
      apiGroup: kagent.KAGENT_API_GROUP,
      kinds: [
        // Not their status: the API server takes nothing else from there (measured, kube-apiserver 1.36).
        { kind: "Agent", resources: ["agents"] },
        { kind: "SandboxAgent", resources: ["sandboxagents"] },
        { kind: "AgentHarness", resources: ["agentharnesses"] },
      ],
    },
    parameters: agentParameters(topology),
    variables: VARIABLES,
    validations: [...DELEGATION, ...KIND, ...POD, ...SECRETS],
  };
}
