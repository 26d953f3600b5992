import * as assert from "node:assert/strict";
import { devConfiguration, type Edit, ORCHESTRATOR, problemsOf, type Raw } from "../../support/dev";

const sentencesOf = (edit: Edit): string[] =>
  problemsOf(devConfiguration(edit)).map(({ where, what, fix }) => `${where}: ${what} | ${fix}`);

const withSpec =
  (spec: Raw): Edit =>
  (c) => {
    c.agents[ORCHESTRATOR].spec = spec;
  };
const SPEC = 'agents["team-alpha/orchestrator"].spec';

describe("a setting that would open more than the graph says is refused", () => {
  it("a label that makes a namespace a consumer, or takes it out of pod security or the mesh", () => {
    for (const label of [
      "kagent.dev/agent-consumer",
      "kagent.dev/agent-provider",
      "kagent-a2a/tenant",
      "pod-security.kubernetes.io/enforce",
      "istio-injection",
      "istio.io/dataplane-mode",
    ])
      assert.deepEqual(
        sentencesOf((c) => {
          c.tenants["team-alpha"].labels = { [label]: "true" };
        }),
        [
          `tenants.team-alpha.labels["${label}"]: this label governs the namespace and is derived. | Remove it.`.replace(
            '["istio-injection"]',
            ".istio-injection",
          ),
        ],
      );
  });

  it("a field of the Agent that is derived, with the key to use instead", () => {
    assert.deepEqual(
      sentencesOf(
        withSpec({
          allowedNamespaces: { from: "All" },
          declarative: { systemMessage: "x", deployment: { serviceAccountName: "admin", replicas: 3 } },
        }),
      ),
      [
        `${SPEC}.allowedNamespaces: is derived and cannot be set here. | Remove it; it follows from delegations.`,
        `${SPEC}.declarative.systemMessage: is derived and cannot be set here. | Use agents[].systemMessage.`,
        `${SPEC}.declarative.deployment.serviceAccountName: is derived and cannot be set here. | Remove it; each agent has a service account of its own.`,
        `${SPEC}.declarative.deployment.replicas: is derived and cannot be set here. | Use agents[].replicas.`,
      ],
    );
  });

  it("an agent as a tool that is no delegation, with or without its type", () => {
    const agent = { name: "specialist", namespace: "team-beta" };
    const fix =
      "an agent as a tool is a delegation. | Write it below delegations, so that every layer knows it.";
    assert.deepEqual(
      sentencesOf(withSpec({ declarative: { tools: [{ type: "Agent", agent }, { agent }] } })),
      [`${SPEC}.declarative.tools[0]: ${fix}`, `${SPEC}.declarative.tools[1]: ${fix}`],
    );
  });

  it("the public internet on another port than 443", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.models.gpt.egress = { hosts: ["api.openai.com"], port: 8443 };
      }),
      [
        "models.gpt.egress.port: opens the public internet on another port than 443. | Write the endpoint's cidrs, or use port 443.",
      ],
    );
  });

  it("tools that are no list", () => {
    assert.deepEqual(sentencesOf(withSpec({ declarative: { tools: "all" } })), [
      `${SPEC}.declarative.tools: must be a list. | Write the tools as a list, as in an Agent's spec.`,
    ]);
  });

  it("a label or annotation that selects the agent's pods or takes them out of the mesh", () => {
    const deployment = {
      labels: { app: "other", "sidecar.istio.io/inject": "false", cost: "1" },
      annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" },
    };
    assert.deepEqual(
      sentencesOf(withSpec({ declarative: { deployment } })).map((sentence) => sentence.split(" | ")[0]),
      [
        `${SPEC}.declarative.deployment.labels.app: selects the agent's pods or takes them out of the mesh.`,
        `${SPEC}.declarative.deployment.labels["sidecar.istio.io/inject"]: selects the agent's pods or takes them out of the mesh.`,
        `${SPEC}.declarative.deployment.annotations["traffic.sidecar.istio.io/excludeInboundPorts"]: selects the agent's pods or takes them out of the mesh.`,
      ],
    );
  });

  it("a range that is every address, which Kubernetes would refuse as an exception of itself", () => {
    const fix =
      "is every address there is. | Write the addresses that are meant, as narrow as they are known.";
    assert.deepEqual(
      sentencesOf((c) => {
        c.cluster.apiServer.cidrs = ["0.0.0.0/0"];
        c.cluster.podCIDRs = ["10.0.0.0/8", "::/0"];
      }),
      [`cluster.podCIDRs[1]: ${fix}`, `cluster.apiServer.cidrs[0]: ${fix}`],
    );
  });

  it("a model whose endpoint is every address, every pod of a namespace, or a governed namespace", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.models.gpt.egress.cidrs = ["0.0.0.0/0"];
        c.models.local = {
          provider: "Ollama",
          model: "x",
          parameters: { host: "http://ollama.models:11434" },
          egress: { pods: { namespace: "team-beta", labels: {} } },
        };
      }),
      [
        "models.gpt.egress.cidrs[0]: opens every address, inside the cluster too. | Remove it: without cidrs agents reach the public internet and nothing private.",
        "models.local.egress.pods.labels: is empty, which selects every pod of the namespace. | Write the labels of the pods that are meant.",
        'models.local.egress.pods.namespace: namespace "team-beta" is governed: what goes on in it follows from the graph alone. | Name a namespace of its own.',
      ],
    );
  });

  it("an entry for users that is in a governed namespace", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.cluster.entry = [{ namespace: "kagent", labels: { app: "x" }, serviceAccount: "x" }];
      }),
      [
        'cluster.entry[0].namespace: namespace "kagent" is governed: what goes on in it follows from the graph alone. | Name a namespace of its own.',
      ],
    );
  });
});
