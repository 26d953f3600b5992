import * as assert from "node:assert/strict";
import { DEFAULT_LIMITS, DEFAULT_QUOTA, DEFAULT_RESOURCES } from "../../../topology/defaults";
import { devTopology, type Edit, ORCHESTRATOR } from "../../support/dev";
import { sentencesOf } from "../../support/sentences";

/** What is wrong, how it is written, and the exact sentences: `where: what | fix`. */
type Case = readonly [name: string, edit: Edit, ...sentences: string[]];

function refuses(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const [name, edit, ...sentences] of cases)
      it(name, () => assert.deepEqual(sentencesOf(edit), sentences));
  });
}

const CONTAINER =
  "must be a resource of a container: cpu, memory, ephemeral-storage, or one such as example.com/gpu";
const SUBDOMAIN =
  "must be lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of each part";
const LABEL = "must be lower-case letters, digits and hyphens, with a letter or digit at both ends";

refuses("what the API server would refuse in the middle of a deployment is refused before it", [
  [
    "a range with bits beyond its length, or IPv4 written as IPv6",
    (c) => {
      c.cluster.nodeCIDRs = ["10.0.0.5/16", "2001:db8::5/32", "::ffff:10.0.0.0/104", "fe80::1%eth0/64"];
    },
    ...[
      '[0]: "10.0.0.5/16" does not begin where its range does: write 10.0.0.0/16.',
      '[1]: "2001:db8::5/32" does not begin where its range does: write 2001:db8::/32.',
      '[2]: "::ffff:10.0.0.0/104" is an IPv4 range written as IPv6, which Kubernetes refuses: write it as IPv4.',
      '[3]: "fe80::1%eth0/64" is not a CIDR such as 10.0.0.0/16 or fd00::/48.',
    ].map(
      (what) =>
        `cluster.nodeCIDRs${what} | Node addresses, where the CNI subjects kubelet probes to NetworkPolicy.`,
    ),
  ],
  [
    "keys of labels",
    (c) => {
      const labels = { "bad key!": "x", "A.b/c": "x", "a/b/c": "x", "example.com/Good_key": "x" };
      c.cluster.entry = [{ namespace: "ingress", labels, serviceAccount: "x" }];
    },
    ...["bad key!", "A.b/c", "a/b/c"].map(
      (key) =>
        `cluster.entry[0].labels["${key}"]: "${key}" must be a label key: at most 63 letters, digits, \`-\`, \`_\` and \`.\`, below a domain such as example.com/ where wanted. | Labels of the pods.`,
    ),
  ],
  [
    "what no quota counts, and a fraction of what is counted",
    (c) => {
      c.tenants["team-alpha"].quota = {
        "foo bar": 1,
        "limits.storage": "1Gi",
        pods: "500m",
        "count/secrets": "1.5",
        "requests.example.com/gpu": 2,
        "requests.hugepages-2Mi": "4Mi",
        "limits.cpu": "0.5",
      };
    },
    ...["foo bar", "limits.storage"].map(
      (key) =>
        `tenants.team-alpha.quota["${key}"]: "${key}" must be what a ResourceQuota counts, such as pods, requests.cpu, limits.memory or count/secrets. | Entries of the ResourceQuota, merged over ${JSON.stringify(DEFAULT_QUOTA)}.`,
    ),
    "tenants.team-alpha.quota.pods: counts objects and is a fraction. | Write a whole number.",
    'tenants.team-alpha.quota["count/secrets"]: counts objects and is a fraction. | Write a whole number.',
  ],
  [
    "resources that no container has",
    (c) => {
      c.tenants["team-alpha"].limits = { default: { pods: 2 } };
      c.agents[ORCHESTRATOR].resources = { limits: { gpu: 1 } };
    },
    `tenants.team-alpha.limits.default.pods: "pods" ${CONTAINER}. | Limits of a container that sets none.`,
    `agents["team-alpha/orchestrator"].resources.limits.gpu: "gpu" ${CONTAINER}. | What it may use at most.`,
  ],
  [
    "default requests above default limits, also those that nobody wrote",
    (c) => {
      c.tenants["team-alpha"].limits = { default: { cpu: "1000m" }, defaultRequest: { cpu: 2 } };
      c.tenants["team-beta"].limits = { default: { memory: "100M" } };
    },
    "tenants.team-alpha.limits: of cpu it has defaultRequest 2 and default 1000m. | Write both, defaultRequest no larger than default.",
    `tenants.team-beta.limits: of memory it has defaultRequest ${DEFAULT_LIMITS.defaultRequest.memory} (the default) and default 100M. | Write both, defaultRequest no larger than default.`,
  ],
  [
    "an agent's requests above its limits, and devices that it would only borrow",
    (c) => {
      c.agents[ORCHESTRATOR].resources = {
        requests: { cpu: 4, "example.com/gpu": 1 },
        limits: { "example.com/gpu": 2 },
      };
    },
    `agents["team-alpha/orchestrator"].resources: of cpu it has requests 4 and limits ${DEFAULT_RESOURCES.limits.cpu} (the default). | Write both, requests no larger than limits.`,
    'agents["team-alpha/orchestrator"].resources: of example.com/gpu it has requests 1 and limits 2. | Write the same for both; nothing of it can be lent.',
  ],
  [
    "names of namespaces, domains, service accounts and Secrets",
    (c) => {
      c.cluster.clusterDomain = "a b";
      c.cluster.dns = { namespace: "Bad NS" };
      c.cluster.entry = [{ namespace: "in.gress", labels: { app: "x" }, serviceAccount: "*" }];
      c.models.gpt.egress = { pods: { namespace: "Bad NS", labels: { app: "x" } } };
      c.agents[ORCHESTRATOR].secrets = ["x y"];
    },
    `agents["team-alpha/orchestrator"].secrets[0]: "x y" ${SUBDOMAIN}. | Secrets of the team's namespace that the agent may name besides its own.`,
    `models.gpt.egress.pods.namespace: "Bad NS" ${LABEL}. | Namespace of the pods.`,
    `cluster.clusterDomain: "a b" ${SUBDOMAIN}. | DNS domain of the cluster.`,
    `cluster.dns.namespace: "Bad NS" ${LABEL}. | Namespace of the DNS pods.`,
    `cluster.entry[0].namespace: "in.gress" ${LABEL}. | Namespace of the pods.`,
    `cluster.entry[0].serviceAccount: "*" ${SUBDOMAIN}. | Service account they run as; they must be in the mesh.`,
  ],
  [
    "a version of Pod Security that is none",
    (c) => {
      c.cluster.podSecurityVersion = "v1.033";
    },
    'cluster.podSecurityVersion: "v1.033" must be a version such as v1.33. | Pinned version of the Pod Security Standard `restricted`.',
  ],
]);

refuses("a trust domain that would match others is refused", [
  ...["*", "a/b", "Mesh.example.com"].map(
    (name): Case => [
      name,
      (c) => {
        c.cluster.trustDomain = name;
      },
      `cluster.trustDomain: "${name}" must be lower-case letters, digits, \`.\`, \`-\` and \`_\`. | Trust domain of the mesh.`,
    ],
  ),
]);

describe("quantities that fit", () => {
  it("pass, in whatever units they are written", () => {
    const { agents } = devTopology((c) => {
      c.tenants["team-alpha"].limits = { default: { cpu: "0.25" }, defaultRequest: { cpu: "250m" } };
      c.agents[ORCHESTRATOR].resources = {
        requests: { cpu: "1000m", memory: "1024Mi", "example.com/gpu": "1" },
        limits: { cpu: 1, memory: "1Gi", "example.com/gpu": 1 },
      };
    });
    assert.equal(agents.length, 2);
  });
});
