/** The Agents themselves (`kagent.dev/v1alpha2`), callees before callers. */

import { DEFAULT_RESOURCES } from "../../topology/defaults";
import {
  type Agent,
  agentId,
  audience,
  FINGERPRINT_LABEL,
  kagent,
  MANAGED_BY,
  serviceAccountName,
  TOKEN_HEADER,
  type Topology,
  tokenFingerprint,
  tokenSecretName,
} from "../../topology/index";
import { allowedNamespaces } from "../layers/reconciler";
import { type Manifest, objectKey, type Planned } from "../plan/manifest";
import { mergeDeep } from "../plan/merge";

/** kagent 0.10 sets no security context of its own, and Pod Security `restricted` refuses such a pod. */
const POD_SECURITY_CONTEXT = {
  runAsNonRoot: true,
  runAsUser: kagent.AGENT_UID,
  runAsGroup: kagent.AGENT_UID,
  fsGroup: kagent.AGENT_UID,
  seccompProfile: { type: "RuntimeDefault" },
};
const SECURITY_CONTEXT = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
};

/** A delegation as the caller's tool. `type` must be written: the CRD's own rules fail without it (measured). */
function delegationTool(caller: Agent, callee: Agent): Record<string, unknown> {
  return {
    type: "Agent",
    agent: {
      name: callee.name,
      namespace: callee.tenant,
      kind: "Agent",
      apiGroup: kagent.KAGENT_API_GROUP,
    },
    headersFrom: [
      {
        name: TOKEN_HEADER,
        valueFrom: { type: "Secret", name: tokenSecretName(caller.name), key: audience(callee) },
      },
    ],
  };
}

function agentSpec(agent: Agent): Record<string, unknown> {
  const { description, systemMessage, skills, replicas, resources, spec } = agent.settings;
  const derived = {
    type: "Declarative",
    description,
    allowedNamespaces: allowedNamespaces(agent),
    declarative: {
      // The Go runtime, the default of 0.10, does not send every call through `proxy.url`.
      runtime: "python",
      systemMessage,
      modelConfig: agent.model.name,
      a2aConfig: { skills },
      deployment: {
        replicas,
        serviceAccountName: serviceAccountName(agent.name),
        podSecurityContext: POD_SECURITY_CONTEXT,
        securityContext: SECURITY_CONTEXT,
        resources: {
          requests: { ...DEFAULT_RESOURCES.requests, ...resources.requests },
          limits: { ...DEFAULT_RESOURCES.limits, ...resources.limits },
        },
      },
    },
  };
  const merged = mergeDeep(spec, derived) as { declarative: { tools?: unknown[] } } & typeof derived;
  const tools = [
    ...agent.callees.map((callee) => delegationTool(agent, callee)),
    ...(merged.declarative.tools ?? []),
  ];
  return {
    ...merged,
    declarative: { ...merged.declarative, ...(tools.length > 0 && { tools }) },
  };
}

/** Both conditions: Accepted alone says that the references are allowed, Ready that the Deployment is there. */
const AWAIT = { "pulumi.com/waitFor": JSON.stringify(["condition=Accepted", "condition=Ready"]) };

function agentManifest(agent: Agent, { rotation, kagent: settings }: Topology): Manifest {
  return {
    apiVersion: kagent.KAGENT_API_VERSION,
    kind: "Agent",
    metadata: {
      name: agent.name,
      namespace: agent.tenant,
      labels: {
        ...MANAGED_BY,
        ...(agent.callees.length > 0 && {
          [FINGERPRINT_LABEL]: tokenFingerprint(agent, agent.callees, rotation.current),
        }),
      },
      ...(settings.await && { annotations: AWAIT }),
    },
    spec: agentSpec(agent),
  };
}

export function agents(topology: Topology): Planned[] {
  const keys = new Map<string, string>();
  return topology.agents.map((agent): Planned => {
    const manifest = agentManifest(agent, topology);
    keys.set(agent.id, objectKey(manifest));
    return {
      layer: "agents",
      tenant: agent.tenant,
      agent: agent.id,
      manifest,
      after: agent.callees.flatMap((callee) => keys.get(agentId(callee)) ?? []),
    };
  });
}
