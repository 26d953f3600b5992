import * as assert from "node:assert/strict";
import { withExternalDatabase } from "../../support/configurations";
import { devTopology, type Raw } from "../../support/dev";
import { sentencesOf } from "../../support/sentences";

describe("a setting that would open more than the graph says is refused", () => {
  it("a label that makes a namespace a consumer, or takes it out of pod security or the mesh", () => {
    for (const label of [
      "kagent.dev/agent-consumer",
      "kagent.dev/agent-provider",
      "kagent-a2a/tenant",
      "pod-security.kubernetes.io/enforce",
      "istio-injection",
      "istio.io/dataplane-mode",
      "topology.istio.io/network",
      "admission.gatekeeper.sh/ignore",
      "kubernetes.io/metadata.name",
      "app.kubernetes.io/managed-by",
      "cert-manager.io/disable-validation",
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

  it("but no label that is for people", () => {
    const labels = { "app.kubernetes.io/part-of": "shop", "example.com/cost-centre": "4711" };
    const { tenants } = devTopology((c) => {
      c.tenants["team-alpha"].labels = labels;
    });
    assert.deepEqual(tenants[0]?.settings.labels, labels);
  });

  it("a team that is a group of Kubernetes' own, or the accounts of a governed namespace", () => {
    const given = [
      "system:authenticated",
      "system:serviceaccounts",
      "system:serviceaccounts:team-beta",
      "system:serviceaccounts:kagent",
      "system:serviceaccounts:deployments",
      "Platform Engineers",
    ];
    const own = (index: number, group: string, role = "viewers") =>
      `tenants.team-alpha.${role}[${index}]: "${group}" is a group that Kubernetes gives itself, and no team. | Name a group of those who sign in to the cluster.`;
    const governed = (index: number, namespace: string) =>
      `tenants.team-alpha.viewers[${index}]: namespace "${namespace}" is governed: what goes on in it follows from the graph alone. | Name a namespace of its own.`;
    assert.deepEqual(
      sentencesOf((c) => {
        c.tenants["team-alpha"].editors = ["system:masters"];
        c.tenants["team-alpha"].viewers = given;
      }),
      [
        own(0, "system:masters", "editors"),
        own(0, "system:authenticated"),
        own(1, "system:serviceaccounts"),
        governed(2, "team-beta"),
        governed(3, "kagent"),
      ],
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

  it("addresses of a model that are the cluster's or the database's, in whichever range", () => {
    const clusters: Raw = {
      podCIDRs: ["2001:db8::/48", "10.244.0.0/16"],
      serviceCIDRs: ["10.96.0.0/12"],
      nodeCIDRs: ["192.0.2.0/24"],
    };
    const cidrs = [
      "10.0.0.0/8",
      "10.96.0.10/32",
      "192.0.2.7/32",
      "172.18.4.0/24",
      "2001:db8:0:8000::/50",
      "10.20.0.4/32",
    ];
    const overlaps = (index: number, range: string) =>
      `models.gpt.egress.cidrs[${index}]: overlaps ${range}: agents must not reach it. | Write the endpoint's own addresses; a model inside the cluster is named by egress.pods.`;
    assert.deepEqual(
      sentencesOf((c) => {
        Object.assign(c.cluster, clusters);
        withExternalDatabase(c);
        c.models.gpt.egress.cidrs = [...cidrs, "203.0.113.128/25", "2001:db8:1::/48"];
      }),
      [
        overlaps(0, "cluster.podCIDRs[1] (10.244.0.0/16)"),
        overlaps(1, "cluster.serviceCIDRs[0] (10.96.0.0/12)"),
        overlaps(2, "cluster.nodeCIDRs[0] (192.0.2.0/24)"),
        overlaps(3, "cluster.apiServer.cidrs[0] (172.18.0.0/16)"),
        overlaps(4, "cluster.podCIDRs[0] (2001:db8::/48)"),
        overlaps(5, "externalDatabase.cidrs[0] (10.20.0.0/28)"),
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
