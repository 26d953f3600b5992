import { cases } from "../support/cases";
import { manifest } from "../support/draft";

const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const DEPLOYMENT = "spec.declarative.deployment";

cases("pod-security-namespace-present", {
  violating: {
    "a tenant whose Namespace is elsewhere": {
      change: (s) => s.drop("Namespace team-beta"),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): namespace team-beta is governed and its Namespace is not in this stack. Declare it here, with its labels.",
      ],
    },
    "kagent's guards without its Namespace": {
      change: (s) => s.drop("Namespace kagent"),
      finds: [
        "NetworkPolicy kagent/default-deny (networking.k8s.io/v1): namespace kagent is governed and its Namespace is not in this stack. Declare it here, with its labels.",
      ],
    },
  },
  unknown: ["Namespace team-beta", 'metadata.labels["kagent-a2a/tenant"]'],
});

cases("pod-security-namespace-restricted", {
  violating: {
    "a weaker level": {
      change: (s) =>
        s.set("Namespace team-beta", 'metadata.labels["pod-security.kubernetes.io/enforce"]', "baseline"),
      finds: [
        "Namespace team-beta (v1), metadata.labels: the namespace does not enforce restricted. Write pod-security.kubernetes.io/enforce: restricted.",
      ],
    },
    "a version that floats": {
      change: (s) =>
        s.set("Namespace kagent", 'metadata.labels["pod-security.kubernetes.io/enforce-version"]', "latest"),
      finds: [
        "Namespace kagent (v1), metadata.labels: no version is pinned. Write pod-security.kubernetes.io/enforce-version: v1.33, or the version you run.",
      ],
    },
    "no labels at all": {
      change: (s) => s.set("Namespace team-alpha", "metadata.labels", undefined),
      finds: [
        "Namespace team-alpha (v1), metadata.labels: the namespace does not enforce restricted. Write pod-security.kubernetes.io/enforce: restricted.",
        "Namespace team-alpha (v1), metadata.labels: no version is pinned. Write pod-security.kubernetes.io/enforce-version: v1.33, or the version you run.",
      ],
    },
  },
  unknown: ["Namespace team-beta", 'metadata.labels["pod-security.kubernetes.io/enforce"]'],
});

cases("pod-security-agent-contexts", {
  violating: {
    "no contexts": {
      change: (s) =>
        s
          .set(ORCHESTRATOR, `${DEPLOYMENT}.podSecurityContext`, undefined)
          .set(ORCHESTRATOR, `${DEPLOYMENT}.securityContext`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.podSecurityContext.runAsNonRoot: must be true.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.runAsNonRoot: must be true.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.podSecurityContext.seccompProfile.type: must be RuntimeDefault.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.allowPrivilegeEscalation: must be false.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.capabilities.drop: must list ALL.",
      ],
    },
    "a container that may do more": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.securityContext`, {
          runAsNonRoot: true,
          allowPrivilegeEscalation: true,
          privileged: true,
          seccompProfile: { type: "Unconfined" },
          capabilities: { drop: ["NET_RAW"], add: ["NET_ADMIN"] },
        }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.seccompProfile.type: must be RuntimeDefault, or be left out.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.allowPrivilegeEscalation: must be false.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.capabilities.drop: must list ALL.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.capabilities.add: adds capabilities. Remove it.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.privileged: makes the container privileged. Remove it.",
      ],
    },
    "a list where a map is expected": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.securityContext`, ["privileged"]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext: must be a map: as it stands, pod-security-agent-contexts cannot be checked.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${DEPLOYMENT}.securityContext.allowPrivilegeEscalation`],
});

cases("pod-security-agent-ids", {
  violating: {
    "the sidecar's uid": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.podSecurityContext.runAsUser`, 1337),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.podSecurityContext.runAsUser: must be neither 0 nor 1337. Write 65532.",
      ],
    },
    "the sidecar's gid, by another way": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.podSecurityContext.supplementalGroups`, [1337]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.podSecurityContext.supplementalGroups[0]: must be neither 0 nor 1337. Remove it.",
      ],
    },
    root: {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.securityContext.runAsUser`, 0),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.securityContext.runAsUser: must be neither 0 nor 1337. Write 65532.",
      ],
    },
    "a text for a number": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.podSecurityContext.runAsUser`, "1337"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.podSecurityContext.runAsUser: must be a number: as it stands, pod-security-agent-ids cannot be checked.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${DEPLOYMENT}.podSecurityContext.runAsUser`],
});

cases("pod-security-agent-features", {
  violating: {
    skills: {
      change: (s) => s.set(ORCHESTRATOR, "spec.skills", { refs: ["x"] }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.skills: makes the container privileged. Remove it.",
      ],
    },
    "code execution": {
      change: (s) => s.set(ORCHESTRATOR, "spec.declarative.executeCodeBlocks", true),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.executeCodeBlocks: makes the container privileged. Remove it.",
      ],
    },
    "another container": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.extraContainers`, [{ name: "shell", image: "busybox:1.37" }]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.extraContainers: adds containers to the agent's pod. Remove it.",
      ],
    },
    "a path of the node": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.volumes`, [{ name: "node", hostPath: { path: "/" } }]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.volumes[0].hostPath: is no volume that an agent may have. Remove it.",
      ],
    },
    "an image of its own": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.imageRegistry`, "registry.example.com/own"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.imageRegistry: chooses the agent's image. Remove it.",
      ],
    },
    "code of its own": {
      change: (s) =>
        s
          .set(ORCHESTRATOR, `${DEPLOYMENT}.volumes`, [
            { name: "a", image: { reference: "example.com/code:1" } },
            {
              name: "b",
              projected: { sources: [{ configMap: { name: "c" } }, { downwardAPI: { items: [] } }] },
            },
            { name: "c", configMap: { name: "c" } },
          ])
          .set(ORCHESTRATOR, `${DEPLOYMENT}.env`, [
            { name: "PYTHONPATH", value: "/code" },
            { name: "LOG_LEVEL", value: "debug" },
          ])
          .set(ORCHESTRATOR, `${DEPLOYMENT}.envFrom`, [{ prefix: "LD_", configMapRef: { name: "c" } }]),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.volumes[0].image: is no volume that an agent may have. Remove it.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.volumes[1].projected.sources[1].downwardAPI: may not be projected into an agent. Remove it.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.env[0].name: steers what the agent's container runs, or where it sends tokens. Remove it.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.envFrom[0].prefix: steers what the agent's container runs, or where it sends tokens. Remove it.",
      ],
    },
    "another network": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.annotations`, { "k8s.v1.cni.cncf.io/networks": "other" }),
      finds: [
        'Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.annotations["k8s.v1.cni.cncf.io/networks"]: steers the pod\'s network. Remove it.',
      ],
    },
  },
  unknown: [ORCHESTRATOR, "spec.declarative.executeCodeBlocks"],
});

cases("pod-security-agent-kind", {
  violating: {
    "its own container": {
      change: (s) =>
        s.set(ORCHESTRATOR, "spec.type", "BYO").set(ORCHESTRATOR, "spec.byo", { deployment: {} }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.type: must be Declarative.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.byo: brings its own container. Remove it.",
      ],
    },
    "an older version": {
      change: (s) => s.set(ORCHESTRATOR, "apiVersion", "kagent.dev/v1alpha1"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha1): only Agents of kagent.dev/v1alpha2 are governed. Write it as one.",
      ],
    },
    "another kind of agent": {
      change: (s) => s.add(manifest("kagent.dev/v1alpha2", "SandboxAgent", "team-alpha/loose", { spec: {} })),
      finds: [
        "SandboxAgent team-alpha/loose (kagent.dev/v1alpha2): only Agents of kagent.dev/v1alpha2 are governed. Write it as one.",
      ],
    },
    "a runtime that goes around the gateway": {
      change: (s) => s.set(ORCHESTRATOR, "spec.declarative.runtime", "go"),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.runtime: must be python: other runtimes do not send every call through the gateway.",
      ],
    },
    "the default runtime": {
      change: (s) => s.set(ORCHESTRATOR, "spec.declarative.runtime", undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.runtime: must be python: other runtimes do not send every call through the gateway.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, "spec.declarative.runtime"],
});

cases("pod-security-agent-resources", {
  violating: {
    "no limit of memory": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.resources.limits.memory`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.resources.limits.memory: is not set.",
      ],
    },
    "no requests": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.resources.requests`, undefined),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.resources.requests.cpu: is not set.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.resources.requests.memory: is not set.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${DEPLOYMENT}.resources.limits.memory`],
});

cases("pod-security-tenant-bounds", {
  violating: {
    "no quota": {
      change: (s) => s.drop("ResourceQuota team-beta/tenant"),
      finds: [
        "Namespace team-beta (v1): no ResourceQuota of the namespace bounds pods, requests.cpu, requests.memory, limits.cpu, limits.memory, persistentvolumeclaims, services, services.loadbalancers, services.nodeports. Write them below spec.hard.",
      ],
    },
    "a quota for some pods only": {
      change: (s) => s.set("ResourceQuota team-beta/tenant", "spec.scopes", ["BestEffort"]),
      finds: [
        "Namespace team-beta (v1): no ResourceQuota of the namespace bounds pods, requests.cpu, requests.memory, limits.cpu, limits.memory, persistentvolumeclaims, services, services.loadbalancers, services.nodeports. Write them below spec.hard.",
      ],
    },
    "no defaults for containers": {
      change: (s) => s.set("LimitRange team-beta/tenant", "spec.limits[0].default", undefined),
      finds: [
        "Namespace team-beta (v1): no LimitRange of the namespace gives containers a default and a defaultRequest. Write both.",
      ],
    },
  },
  unknown: ["ResourceQuota team-beta/tenant", "spec.hard"],
});

cases("pod-security-platform-namespaces", {
  violating: {
    "a privileged operator": {
      change: (s) =>
        s.set(
          "Namespace external-secrets",
          'metadata.labels["pod-security.kubernetes.io/enforce"]',
          "privileged",
        ),
      finds: [
        'Namespace external-secrets (v1), metadata.labels["pod-security.kubernetes.io/enforce"]: must be restricted: release external-secrets runs there.',
      ],
    },
    "a level whose meaning changes with the cluster": {
      change: (s) =>
        s.set(
          "Namespace gatekeeper-system",
          'metadata.labels["pod-security.kubernetes.io/enforce-version"]',
          "latest",
        ),
      finds: [
        'Namespace gatekeeper-system (v1), metadata.labels["pod-security.kubernetes.io/enforce-version"]: pins no version. Write v1.33, or the version you run.',
      ],
    },
    "istio-system without the plugin that needs its privileges": {
      change: (s) => s.drop("Release istio-system/istio-cni", "Release istio-system/istio-base"),
      finds: [
        'Namespace istio-system (v1), metadata.labels["pod-security.kubernetes.io/enforce"]: must be restricted: release istiod runs there.',
      ],
    },
    "a namespace that nobody declares": {
      change: (s) => s.drop("Namespace cert-manager"),
      finds: [
        "Release cert-manager/cert-manager (helm.sh/v3), namespace: is no namespace of this stack: declare it, with its labels.",
      ],
    },
  },
  unknown: ["Release cert-manager/cert-manager", "namespace"],
});

const BESIDE = (
  [
    ["v1", "Pod"],
    ["apps/v1", "Deployment"],
    ["batch/v1", "CronJob"],
  ] as const
).map(([apiVersion, kind]) => ({
  ...manifest(apiVersion, kind, "team-alpha/rogue", { spec: {} }),
  apiVersion,
  kind,
}));

cases("pod-security-agents-only", {
  violating: {
    "pods beside the Agents": {
      change: (s) => s.add(...BESIDE),
      finds: BESIDE.map(
        ({ kind, apiVersion }) =>
          `${kind} team-alpha/rogue (${apiVersion}): runs beside the Agents, as whichever of them it names. Remove it.`,
      ),
    },
  },
  compliant: "there is none",
  unknown: ["Namespace team-alpha", "metadata.annotations", "reads no field"],
});
