/**
 * The stack configuration, as the user writes it under `kagent-a2a:` in `Pulumi.<stack>.yaml`.
 * Only shapes are checked here; what the parts mean together is checked in `rules.ts`.
 * The descriptions are the documentation: `docs/configuration.md` is generated from them.
 */
import * as semver from "semver";
import { z } from "zod";
import { DEFAULT_LIMITS, DEFAULT_QUOTA, DEFAULT_RESOURCES } from "./defaults";
import { KAGENT_DEFAULT_VERSION, KAGENT_VERSION_RANGE, MODEL_PROVIDERS, type ModelProvider } from "./kagent";
import { database, externalDatabase } from "./schema-database";
import { environment } from "./schema-environment";
import { meshCa, pki } from "./schema-pki";
import { platform } from "./schema-platform";
import { secrets, vault } from "./schema-secrets";
import { oidc, userAuth } from "./schema-users";
import {
  agentRef,
  cidr,
  containerResources,
  dnsLabel,
  dnsSubdomain,
  flag,
  integer,
  labels,
  port,
  quotas,
  text,
  trustDomain,
} from "./schema-values";

const tenant = z
  .strictObject({
    editors: z
      .array(text())
      .default([])
      .describe(
        "Groups that may edit this team's agents and model configurations. Of groups that Kubernetes gives itself only `system:serviceaccounts:<namespace>` of a namespace that nobody governs.",
      ),
    viewers: z
      .array(text())
      .default([])
      .describe("Groups that may read them, and pods, logs and events; with the same exception."),
    labels: labels().default({}).describe("More labels for the namespace; none that governs."),
    quota: quotas()
      .default({})
      .describe(`Entries of the ResourceQuota, merged over ${JSON.stringify(DEFAULT_QUOTA)}.`),
    limits: z
      .strictObject({
        default: containerResources().optional().describe("Limits of a container that sets none."),
        defaultRequest: containerResources().optional().describe("Requests of a container that sets none."),
      })
      .default({})
      .describe(`Container limits of the LimitRange, merged over ${JSON.stringify(DEFAULT_LIMITS)}.`),
  })
  .describe("A team: exactly one namespace, named like it.");

const skill = z.strictObject({
  id: text().describe("Identifier of the skill on the A2A card."),
  name: text().describe("Name people see."),
  description: text(4096).describe("What the agent can do; callers choose by it."),
  tags: z.array(text()).default([]).describe("Words to find the skill by."),
  examples: z.array(text(4096)).optional().describe("Requests that fit."),
  inputModes: z.array(text()).optional().describe("MIME types the skill takes."),
  outputModes: z.array(text()).optional().describe("MIME types the skill answers with."),
});

const agent = z
  .strictObject({
    description: text(1024).describe("One line that callers and users see."),
    systemMessage: text(65536).describe("The agent's instructions."),
    model: text(63).describe("Key of `models`."),
    exposed: flag()
      .default(false)
      .describe(
        "Users reach it through the kagent controller. Otherwise it is reachable by delegation only.",
      ),
    skills: z.array(skill).min(1).max(20).describe("Skills on the agent's A2A card."),
    replicas: integer(0, 100).default(1).describe("Number of pods."),
    resources: z
      .strictObject({
        requests: containerResources().optional().describe("What the container is given at least."),
        limits: containerResources().optional().describe("What it may use at most."),
      })
      .default({})
      .describe(`Resources of the agent's container, merged over ${JSON.stringify(DEFAULT_RESOURCES)}.`),
    secrets: z
      .array(dnsSubdomain())
      .default([])
      .describe("Secrets of the team's namespace that the agent may name besides its own."),
    spec: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        "Anything else of the Agent's `spec` (kagent.dev/v1alpha2), merged into what is derived. Fields that govern are refused.",
      ),
  })
  .describe("An agent of a team, keyed `<tenant>/<agent>`.");

const egress = z
  .strictObject({
    hosts: z
      .array(
        z
          .string()
          .regex(/^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/, { error: "is not a host name" }),
      )
      .default([])
      .describe(
        "Host names of the endpoint: one ServiceEntry per team (needed when the mesh is REGISTRY_ONLY).",
      ),
    cidrs: z
      .array(cidr())
      .default([])
      .describe("Addresses of the endpoint. Empty: the public internet without private and cluster ranges."),
    pods: z
      .strictObject({
        namespace: dnsLabel().describe("Namespace of the pods."),
        labels: labels().describe("Labels of the pods."),
      })
      .optional()
      .describe("Instead of addresses: the pods that serve the model inside the cluster."),
    port: port().default(443).describe("TCP port of the endpoint (of the pod, with `pods`)."),
  })
  .describe("Where agents with this model may connect to.");

const providers = Object.keys(MODEL_PROVIDERS) as [ModelProvider, ...ModelProvider[]];
const model = z
  .strictObject({
    provider: z.enum(providers).describe("As in a kagent ModelConfig."),
    model: text().describe("The provider's name of the model."),
    apiKey: flag()
      .optional()
      .describe(
        "Whether each team that uses it has an API key. Default: true for providers that take one key.",
      ),
    parameters: z
      .record(z.string(), z.unknown())
      .default({})
      .describe("The provider's block of the ModelConfig, e.g. `temperature`, `baseUrl`."),
    egress: egress.prefault({}).describe("Where agents with this model may connect to."),
  })
  .describe("A model. Each team that uses it gets its own ModelConfig and API key.");

const delegation = z
  .strictObject({
    from: agentRef().describe("The caller, `<tenant>/<agent>`."),
    to: agentRef().describe("The callee, `<tenant>/<agent>`."),
  })
  .describe("A directed edge: the caller may use the callee as a tool.");

const entry = z
  .strictObject({
    namespace: dnsLabel().describe("Namespace of the pods."),
    labels: labels().describe("Labels of the pods."),
    serviceAccount: dnsSubdomain().describe("Service account they run as; they must be in the mesh."),
  })
  .describe("Pods that bring users in, such as an ingress gateway.");

const cluster = z
  .strictObject({
    context: text().optional().describe("Context of the kubeconfig. Default: the current one."),
    trustDomain: trustDomain().default("cluster.local").describe("Trust domain of the mesh."),
    clusterDomain: dnsSubdomain().default("cluster.local").describe("DNS domain of the cluster."),
    podSecurityVersion: z
      .string()
      .regex(/^v1\.(0|[1-9]\d{0,2})$/, { error: "must be a version such as v1.33" })
      .default("v1.33")
      .describe("Pinned version of the Pod Security Standard `restricted`."),
    apiServer: z
      .strictObject({
        cidrs: z
          .array(cidr())
          .min(1)
          .describe("Endpoints of the API server (`kubectl get endpointslices -n default`)."),
        port: port().default(6443).describe("Port of those endpoints."),
      })
      .describe("The only thing besides the agents and its database that the controller may reach."),
    nodeCIDRs: z
      .array(cidr())
      .default([])
      .describe("Node addresses, where the CNI subjects kubelet probes to NetworkPolicy."),
    podCIDRs: z.array(cidr()).default([]).describe("Pod ranges, kept out of the public internet."),
    serviceCIDRs: z.array(cidr()).default([]).describe("Service ranges, kept out of the public internet."),
    dns: z
      .strictObject({
        namespace: dnsLabel().default("kube-system").describe("Namespace of the DNS pods."),
        labels: labels().default({ "k8s-app": "kube-dns" }).describe("Labels of the DNS pods."),
        cidrs: z
          .array(cidr())
          .default([])
          .describe("Addresses of a node-local DNS cache, e.g. 169.254.20.10/32."),
      })
      .prefault({})
      .describe("Where names are resolved."),
    entry: z.array(entry).default([]).describe("What may reach the kagent UI and controller for users."),
    distribution: z
      .enum(["kind", "kubeadm", "k3d", "k3s", "eks", "gke", "aks", "other"])
      .default("other")
      .describe(
        "Decides which instructions come with the audit policy, and which profile Istio's charts take (gke, k3d, k3s).",
      ),
  })
  .describe("Facts about the cluster that cannot be derived.");

const generation = () =>
  z.preprocess(
    (value) => (typeof value === "number" ? String(value) : value),
    z.string().regex(/^[a-z0-9]{1,16}$/, { error: "must be 1 to 16 lower-case letters or digits" }),
  );
const rotation = z
  .strictObject({
    current: generation().default("1").describe("Key generation that signs."),
    previous: generation().optional().describe("Key generation that is still accepted, during an overlap."),
  })
  .describe("Generations of the key that signs delegation tokens.");

const kagent = z
  .strictObject({
    version: z
      .string()
      .refine(
        (version) => semver.valid(version) === version && semver.satisfies(version, KAGENT_VERSION_RANGE),
        {
          error: `must be an exact version in ${KAGENT_VERSION_RANGE}: later lines have no Agent that could be governed`,
        },
      )
      .default(KAGENT_DEFAULT_VERSION)
      .describe(`Exact version of kagent, in ${KAGENT_VERSION_RANGE}.`),
    await: flag().default(true).describe("Whether `up` waits until Agents are Accepted and Ready."),
  })
  .describe("The kagent that runs the agents.");

export const configurationSchema = z.strictObject({
  tenants: z
    .record(
      z.string(),
      z.preprocess((v) => v ?? {}, tenant),
    )
    .describe("The teams, keyed by name."),
  agents: z.record(z.string(), agent).describe("The agents, keyed `<tenant>/<agent>`."),
  models: z.record(z.string(), model).describe("The models, keyed by name."),
  delegations: z.array(delegation).default([]).describe("Who may delegate to whom. Nothing else may."),
  routing: z
    .enum(["gateway", "direct"])
    .default("gateway")
    .describe("Through the mesh gateway in namespace `kagent`, or straight from caller to callee."),
  admission: z
    .enum(["gatekeeper", "native"])
    .default("gatekeeper")
    .describe(
      "Engine of the admission layer: Gatekeeper, or the API server's own ValidatingAdmissionPolicy.",
    ),
  environment,
  secrets,
  vault,
  userAuth,
  oidc,
  pki,
  meshCa,
  database,
  externalDatabase,
  cluster,
  rotation: rotation.prefault({}),
  kagent: kagent.prefault({}),
  platform: platform.prefault({}),
});

export type Configuration = z.output<typeof configurationSchema>;
export type TenantSettings = Configuration["tenants"][string];
export type AgentSettings = Configuration["agents"][string];
export type ModelSettings = Configuration["models"][string];
export type ClusterSettings = Configuration["cluster"];
export type Routing = Configuration["routing"];
export type AdmissionEngine = Configuration["admission"];
export type Rotation = Configuration["rotation"];
export type OidcSettings = NonNullable<Configuration["oidc"]>;
export type MeshCaSettings = Configuration["meshCa"];
export type ExternalDatabaseSettings = NonNullable<Configuration["externalDatabase"]>;
export type Environment = Configuration["environment"];
export type Pki = NonNullable<Configuration["pki"]>;
export type KagentSettings = Configuration["kagent"];
export type { PlatformSettings } from "./schema-platform";
