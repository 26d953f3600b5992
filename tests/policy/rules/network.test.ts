import { withExternalDatabase } from "../../support/configurations";
import { cases, FOREIGN } from "../support/cases";
import { type Draft, manifest } from "../support/draft";

const CALLEE = "NetworkPolicy team-beta/agent-specialist";
const CALLER = "NetworkPolicy team-alpha/agent-orchestrator";
const GATEWAY = "NetworkPolicy kagent/a2a-gateway.team-alpha";
const EVERY_POD = "NetworkPolicy team-alpha/every-pod";
const inNamespace = (...values: string[]) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }],
});
const peer = (namespace: string, matchLabels: Record<string, string>) => ({
  namespaceSelector: inNamespace(namespace),
  podSelector: { matchLabels },
});
const withoutGoverned = FOREIGN;

const ORCHESTRATOR_POLICY = "NetworkPolicy team-alpha/agent-orchestrator";
const toAddresses = (cidr: string, port: number) => ({
  to: [{ ipBlock: { cidr } }],
  ports: [{ protocol: "TCP", port }],
});
const toPods = (namespace: string, port: number) => ({
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: { app: "x" } },
    },
  ],
  ports: [{ protocol: "TCP", port }],
});

cases("network-default-deny", {
  violating: {
    "a tenant without it": {
      change: (s) => s.drop("NetworkPolicy team-beta/default-deny"),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies ingress by default. Declare default-deny there.",
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies egress by default. Declare default-deny there.",
      ],
    },
    "ingress only": {
      change: (s) => s.set("NetworkPolicy kagent/default-deny", "spec.policyTypes", ["Ingress"]),
      finds: [
        "Namespace kagent (v1): namespace kagent has no NetworkPolicy that denies egress by default. Declare default-deny there.",
      ],
    },
    "some pods only": {
      change: (s) =>
        s.set("NetworkPolicy team-beta/default-deny", "spec.podSelector", { matchLabels: { app: "kagent" } }),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies ingress by default. Declare default-deny there.",
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies egress by default. Declare default-deny there.",
      ],
    },
    "a rule that admits everybody": {
      change: (s) => s.set("NetworkPolicy team-beta/default-deny", "spec.ingress", [{}]),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies ingress by default. Declare default-deny there.",
        "Namespace team-beta (v1): namespace team-beta has no NetworkPolicy that denies egress by default. Declare default-deny there.",
      ],
    },
  },
  unknown: ["NetworkPolicy team-beta/default-deny", "spec.policyTypes"],
});

cases("network-both-directions", {
  violating: {
    "egress left out": {
      change: (s) => s.set(CALLEE, "spec.policyTypes", ["Ingress"]),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.policyTypes: must list Ingress and Egress.",
      ],
    },
    "left to chance": {
      change: (s) => s.set(CALLEE, "spec.policyTypes", undefined),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.policyTypes: must list Ingress and Egress.",
      ],
    },
  },
  unknown: [CALLEE, "spec.policyTypes"],
  notApplicable: withoutGoverned,
});

cases("network-selectors-bound", {
  violating: {
    "an agent that is not there": {
      change: (s) => s.set(CALLEE, "spec.podSelector.matchLabels.kagent", "expert"),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.podSelector: selects no workload of this stack. Use the workload's own labels, all of them and no others.",
      ],
    },
    "a label that no pod carries": {
      change: (s) => s.set(CALLEE, "spec.podSelector.matchLabels", { "kagent.dev/agent": "specialist" }),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.podSelector: selects no workload of this stack. Use the workload's own labels, all of them and no others.",
      ],
    },
    "controller, UI and database alike": {
      change: (s) =>
        s.set("NetworkPolicy kagent/kagent-controller", "spec.podSelector.matchLabels", {
          "app.kubernetes.io/name": "kagent",
        }),
      finds: [
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.podSelector: selects no workload of this stack. Use the workload's own labels, all of them and no others.",
      ],
    },
  },
  unknown: [CALLEE, "spec.podSelector.matchLabels.kagent"],
});

cases("network-no-open-peers", {
  violating: {
    everybody: {
      change: (s) => s.set(CALLEE, "spec.ingress[0].from", undefined),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from: admits more than one named set of pods. Name namespace and pod labels.",
      ],
    },
    "an empty peer": {
      change: (s) => s.push(CALLEE, "spec.ingress[0].from", {}),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[1]: admits more than one named set of pods. Name namespace and pod labels.",
      ],
    },
    "every namespace": {
      change: (s) => s.set(CALLEE, "spec.ingress[0].from[0].namespaceSelector", {}),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: admits more than one named set of pods. Name namespace and pod labels.",
      ],
    },
    "whoever labels themselves so": {
      change: (s) =>
        s.set(CALLEE, "spec.ingress[0].from[0].namespaceSelector", { matchLabels: { team: "alpha" } }),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: admits more than one named set of pods. Name namespace and pod labels.",
      ],
    },
    "every pod of a namespace": {
      change: (s) => s.set(CALLEE, "spec.ingress[0].from[0].podSelector", undefined),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: admits more than one named set of pods. Name namespace and pod labels.",
      ],
    },
    "every port": {
      change: (s) => s.set(CALLEE, "spec.ingress[0].ports", undefined),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: is admitted on every port. Name the ports.",
      ],
    },
    "a range of ports": {
      change: (s) => s.set(CALLEE, "spec.ingress[0].ports[0].endPort", 9000),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: is admitted on a range or name of ports. Write each as a number.",
      ],
    },
    "an agent that is not there": {
      change: (s) =>
        s.push(CALLEE, "spec.ingress[0].from", peer("team-alpha", { app: "kagent", kagent: "ghost" })),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[1]: names team-alpha/ghost, and there is no such Agent in this stack. Remove it.",
      ],
    },
  },
  unknown: [CALLEE, "spec.ingress[0].from"],
});

/** Both agents: what one open range leaves out, every other must leave out too. */
const openTo = (s: Draft, cidr: string) => {
  const to = [{ ipBlock: { cidr } }];
  return s.set(CALLER, "spec.egress[1].to", to).set(CALLEE, "spec.egress[1].to", to);
};

const RANGES = 'metadata.annotations["kagent-a2a/cluster-ranges"]';

cases("network-no-open-addresses", {
  violating: {
    "a whole private network for an agent": {
      change: (s) => s.push(ORCHESTRATOR_POLICY, "spec.egress", toAddresses("10.0.0.0/8", 443)),
      finds: [
        `${ORCHESTRATOR_POLICY} (networking.k8s.io/v1), spec.egress[3].to[0].ipBlock.cidr: is a whole private network. Name the endpoint's addresses.`,
      ],
    },
    "the API server for an agent": {
      change: (s) => s.push(ORCHESTRATOR_POLICY, "spec.egress", toAddresses("172.18.0.2/32", 443)),
      finds: [
        `${ORCHESTRATOR_POLICY} (networking.k8s.io/v1), spec.egress[3].to[0].ipBlock.cidr: meets 172.18.0.0/16, where the cluster itself is. Name the endpoint's addresses.`,
      ],
    },
    "the whole internet": {
      change: (s) => openTo(s, "0.0.0.0/0"),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 10.0.0.0/8.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 100.64.0.0/10.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 169.254.0.0/16.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.16.0.0/12.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 192.168.0.0/16.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.18.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 10.0.0.0/8.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 100.64.0.0/10.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 169.254.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.16.0.0/12.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 192.168.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.18.0.0/16.",
      ],
    },
    "half of the internet": {
      change: (s) => openTo(s, "128.0.0.0/1"),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 169.254.0.0/16.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.16.0.0/12.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 192.168.0.0/16.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.18.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 169.254.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.16.0.0/12.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 192.168.0.0/16.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 172.18.0.0/16.",
      ],
    },
    "the other internet": {
      change: (s) => openTo(s, "::/0"),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out fc00::/7.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out fe80::/10.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out fc00::/7.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out fe80::/10.",
      ],
    },
    "a range of the cluster that no policy leaves out": {
      change: (s) => s.set("Namespace kagent", RANGES, "172.18.0.0/16,34.118.0.0/16"),
      finds: ["team-alpha/agent-orchestrator", "team-beta/agent-specialist"].map(
        (policy) =>
          `NetworkPolicy ${policy} (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 34.118.0.0/16.`,
      ),
    },
    "a cluster that nobody knows the ranges of": {
      change: (s) => s.set("Namespace kagent", RANGES, undefined),
      finds: ["team-alpha/agent-orchestrator", "team-beta/agent-specialist"].flatMap((policy) =>
        [0, 1].map(
          (peer) =>
            `NetworkPolicy ${policy} (networking.k8s.io/v1), spec.egress[1].to[${peer}]: cannot be judged: Namespace kagent does not say where the cluster is. Write its ranges, with commas between, into the annotation kagent-a2a/cluster-ranges.`,
        ),
      ),
    },
    "another port": {
      change: (s) => s.set(CALLER, "spec.egress[1].ports[0].port", 22),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0]: is the internet on another port than 443. Name the addresses.",
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[1]: is the internet on another port than 443. Name the addresses.",
      ],
    },
    "a range that others leave out": {
      change: (s) => s.push(CALLEE, "spec.egress[1].to[0].ipBlock.except", "203.0.113.0/24"),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[0].ipBlock.except: must leave out 203.0.113.0/24.",
      ],
    },
    "the internet, to the controller": {
      change: (s) =>
        openTo(s, "192.0.2.0/24").set(
          "NetworkPolicy kagent/kagent-controller",
          "spec.egress[0].to[0].ipBlock.cidr",
          "0.0.0.0/0",
        ),
      finds: [
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0]: is the internet. Only egress of an agent to its model may be.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0]: is the internet on another port than 443. Name the addresses.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 10.0.0.0/8.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 100.64.0.0/10.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 169.254.0.0/16.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 172.16.0.0/12.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 192.168.0.0/16.",
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[0].to[0].ipBlock.except: must leave out 172.18.0.0/16.",
      ],
    },
    "cloud metadata": {
      change: (s) => s.push(CALLER, "spec.egress[1].to", { ipBlock: { cidr: "169.254.0.0/16" } }),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[2].ipBlock.cidr: takes in the cloud's metadata service. Leave it out.",
      ],
    },
    "no range": {
      change: (s) => s.push(CALLER, "spec.egress[1].to", { ipBlock: { cidr: "everything" } }),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[1].to[2].ipBlock.cidr: is no range such as 10.0.0.0/16.",
      ],
    },
  },
  unknown: [CALLER, "spec.egress[1].to[0].ipBlock.cidr"],
});

cases("network-every-pod", {
  violating: {
    "another port": {
      change: (s) => s.push(EVERY_POD, "spec.egress[0].ports", { protocol: "TCP", port: 443 }),
      finds: [
        "NetworkPolicy team-alpha/every-pod (networking.k8s.io/v1), spec.egress[0].to[0]: is more than names, istiod and probes, for every pod of the namespace. Narrow it.",
      ],
    },
    "a callee": {
      change: (s) =>
        s.push(EVERY_POD, "spec.egress", {
          to: [peer("team-beta", { app: "kagent", kagent: "specialist" })],
          ports: [{ protocol: "TCP", port: 8080 }],
        }),
      finds: [
        "NetworkPolicy team-alpha/every-pod (networking.k8s.io/v1), spec.egress[2].to[0]: is more than names, istiod and probes, for every pod of the namespace. Narrow it.",
      ],
    },
    "more of istiod": {
      change: (s) => s.set(EVERY_POD, "spec.egress[1].ports[0].port", 15014),
      finds: [
        "NetworkPolicy team-alpha/every-pod (networking.k8s.io/v1), spec.egress[1].to[0]: is more than names, istiod and probes, for every pod of the namespace. Narrow it.",
      ],
    },
  },
  unknown: [EVERY_POD, "spec.egress[0].ports[0].port"],
});

cases("network-declared-agent-flows", {
  violating: {
    "pods where the platform runs": {
      change: (s) => s.push(ORCHESTRATOR_POLICY, "spec.egress", toPods("kube-system", 443)),
      finds: [
        `${ORCHESTRATOR_POLICY} (networking.k8s.io/v1), spec.egress[3].to[0]: is no egress that agent team-alpha/orchestrator has declared, or not on its port. Remove it.`,
      ],
    },
    "a second model on another port": {
      change: (s) => s.push(ORCHESTRATOR_POLICY, "spec.egress", toPods("shop", 22)),
      finds: [
        `${ORCHESTRATOR_POLICY} (networking.k8s.io/v1), spec.egress[3].to[0]: is no egress that agent team-alpha/orchestrator has declared, or not on its port. Remove it.`,
      ],
    },
    "a caller that nobody declared": {
      change: (s) =>
        s
          .push(CALLEE, "spec.ingress[0].from", peer("team-alpha", { app: "kagent", kagent: "orchestrator" }))
          .set("Agent team-alpha/orchestrator", "spec.declarative.tools", []),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[2].to[0]: is no egress that agent team-alpha/orchestrator has declared, or not on its port. Remove it.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[0]: is no ingress that agent team-beta/specialist has declared, or not on its port. Remove it.",
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[1]: is no ingress that agent team-beta/specialist has declared, or not on its port. Remove it.",
      ],
    },
    "the UI": {
      change: (s) =>
        s.push(
          CALLEE,
          "spec.ingress[0].from",
          peer("kagent", {
            "app.kubernetes.io/name": "kagent",
            "app.kubernetes.io/instance": "kagent",
            "app.kubernetes.io/component": "ui",
          }),
        ),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.ingress[0].from[1]: is no ingress that agent team-beta/specialist has declared, or not on its port. Remove it.",
      ],
    },
    "the controller's profiler": {
      change: (s) => s.set(CALLER, "spec.egress[0].ports[0].port", 6060),
      finds: [
        "NetworkPolicy team-alpha/agent-orchestrator (networking.k8s.io/v1), spec.egress[0].to[0]: is no egress that agent team-alpha/orchestrator has declared, or not on its port. Remove it.",
      ],
    },
    "the way back": {
      change: (s) =>
        s.push(CALLEE, "spec.egress", {
          to: [peer("team-alpha", { app: "kagent", kagent: "orchestrator" })],
          ports: [{ protocol: "TCP", port: 8080 }],
        }),
      finds: [
        "NetworkPolicy team-beta/agent-specialist (networking.k8s.io/v1), spec.egress[2].to[0]: is no egress that agent team-beta/specialist has declared, or not on its port. Remove it.",
      ],
    },
  },
  unknown: [CALLEE, "spec.ingress[0].ports[0].port"],
});

cases("network-platform-flows", {
  violating: {
    "agents by their addresses": {
      change: (s) =>
        s.push("NetworkPolicy kagent/kagent-controller", "spec.egress", toAddresses("10.0.0.0/8", 8080)),
      finds: [
        "NetworkPolicy kagent/kagent-controller (networking.k8s.io/v1), spec.egress[2].to[0]: is no egress that the controller needs, or not on its port. Remove it.",
      ],
    },
    "a callee that calls": {
      change: (s) =>
        s.push("NetworkPolicy kagent/a2a-gateway.team-beta", "spec.ingress", {
          from: [peer("team-beta", { app: "kagent", kagent: "specialist" })],
          ports: [{ protocol: "TCP", port: 8083 }],
        }),
      finds: [
        "NetworkPolicy kagent/a2a-gateway.team-beta (networking.k8s.io/v1), spec.ingress[0].from[0]: is no ingress that the gateway needs, or not on its port. Remove it.",
      ],
    },
    "the gateway's way to a caller": {
      change: (s) =>
        s.push(GATEWAY, "spec.egress", {
          to: [peer("team-alpha", { app: "kagent", kagent: "orchestrator" })],
          ports: [{ protocol: "TCP", port: 8080 }],
        }),
      finds: [
        "NetworkPolicy kagent/a2a-gateway.team-alpha (networking.k8s.io/v1), spec.egress[0].to[0]: is no egress that the gateway needs, or not on its port. Remove it.",
      ],
    },
    "an agent at the database": {
      change: (s) =>
        s.push(
          "NetworkPolicy kagent/kagent-database",
          "spec.ingress[0].from",
          peer("team-alpha", { app: "kagent", kagent: "orchestrator" }),
        ),
      finds: [
        "NetworkPolicy kagent/kagent-database (networking.k8s.io/v1), spec.ingress[0].from[1]: is no ingress that the database needs, or not on its port. Remove it.",
      ],
    },
    "another port of the controller": {
      change: (s) =>
        s.set("NetworkPolicy kagent/kagent-controller.team-alpha", "spec.ingress[0].ports[0].port", 6060),
      finds: [
        "NetworkPolicy kagent/kagent-controller.team-alpha (networking.k8s.io/v1), spec.ingress[0].from[0]: is no ingress that the controller needs, or not on its port. Remove it.",
      ],
    },
  },
  unknown: [GATEWAY, "spec.ingress[0].ports[0].port"],
});

cases("network-agrees-with-identity", {
  violating: {
    "open in the network only": {
      change: (s) =>
        s.push(
          CALLEE,
          "spec.ingress[0].from",
          peer("kagent", {
            "app.kubernetes.io/name": "kagent",
            "app.kubernetes.io/instance": "kagent",
            "app.kubernetes.io/component": "controller",
          }),
        ),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): users reach team-beta/specialist by some of the agent's ingress, the controller's egress and identity, but not all. Write all of them or none.",
      ],
    },
    "open in identity only": {
      change: (s) =>
        s.push("AuthorizationPolicy team-beta/agent-specialist", "spec.rules", {
          from: [{ source: { principals: ["cluster.local/ns/kagent/sa/kagent-controller"] } }],
          to: [{ operation: { ports: ["8080"] } }],
        }),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): users reach team-beta/specialist by some of the agent's ingress, the controller's egress and identity, but not all. Write all of them or none.",
      ],
    },
  },
  unknown: ["AuthorizationPolicy team-beta/agent-specialist", "spec.rules[0].from[0].source.principals"],
});

const ENTRY = "ServiceEntry team-alpha/model-gpt";
/** The database in production: `tls` is not on its first bytes, so its addresses are written. */
const DATABASE = "ServiceEntry kagent/kagent-database";
const DATABASE_IN = "ServiceEntry kagent/kagent-database (networking.istio.io/v1), ";

cases("network-service-entries", {
  variant: { edit: withExternalDatabase },
  violating: {
    "a database anywhere": {
      change: (s) => s.set(DATABASE, "spec.addresses", ["0.0.0.0/0"]),
      finds: [
        `${DATABASE_IN}spec.addresses: sends calls somewhere else than the host's name says. Remove it.`,
        `${DATABASE_IN}spec.ports[0].protocol: must be TLS.`,
      ],
    },
    "a database that is not where its name says": {
      change: (s) => s.set(DATABASE, "spec.resolution", "STATIC"),
      finds: [
        `${DATABASE_IN}spec.addresses: sends calls somewhere else than the host's name says. Remove it.`,
        `${DATABASE_IN}spec.ports[0].protocol: must be TLS.`,
      ],
    },
    "a database for a team": {
      change: (s) => s.set(DATABASE, "metadata.namespace", "team-alpha"),
      finds: [
        "ServiceEntry team-alpha/kagent-database (networking.istio.io/v1), spec.addresses: sends calls somewhere else than the host's name says. Remove it.",
        "ServiceEntry team-alpha/kagent-database (networking.istio.io/v1), spec.ports[0].protocol: must be TLS.",
      ],
    },
    "every host": {
      change: (s) => s.set(ENTRY, "spec.hosts", ["*"]),
      finds: [
        "ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.hosts[0]: is no host outside of the cluster. Name the endpoint.",
      ],
    },
    "a name of the cluster": {
      change: (s) => s.set(ENTRY, "spec.hosts", ["specialist.team-beta.svc.cluster.local"]),
      finds: [
        "ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.hosts[0]: is no host outside of the cluster. Name the endpoint.",
      ],
    },
    "for every team": {
      change: (s) => s.set(ENTRY, "spec.exportTo", ["*"]),
      finds: ['ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.exportTo: must be ["."].'],
    },
    "somewhere else": {
      change: (s) =>
        s
          .set(ENTRY, "spec.endpoints", [{ address: "192.0.2.1" }])
          .set(ENTRY, "spec.location", "MESH_INTERNAL"),
      finds: [
        "ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.location: must be MESH_EXTERNAL.",
        "ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.endpoints: sends calls somewhere else than the host's name says. Remove it.",
      ],
    },
    "in plain text": {
      change: (s) => s.set(ENTRY, "spec.ports[0].protocol", "HTTP"),
      finds: [
        "ServiceEntry team-alpha/model-gpt (networking.istio.io/v1), spec.ports[0].protocol: must be TLS.",
      ],
    },
  },
  unknown: [ENTRY, "spec.hosts"],
});

cases("network-no-external-services", {
  with: [manifest("v1", "Service", "team-alpha/extra", { spec: { type: "ClusterIP" } })],
  violating: {
    "ways in from outside": {
      change: (s) =>
        s.add(
          manifest("networking.k8s.io/v1", "Ingress", "kagent/web", { spec: {} }),
          manifest("gateway.networking.k8s.io/v1", "Gateway", "kagent/web", { spec: {} }),
        ),
      finds: [
        "Ingress kagent/web (networking.k8s.io/v1): is a way into a governed namespace from outside. Remove it.",
        "Gateway kagent/web (gateway.networking.k8s.io/v1): is a way into a governed namespace from outside. Remove it.",
      ],
    },
    "a load balancer": {
      change: (s) => s.set("Service team-alpha/extra", "spec.type", "LoadBalancer"),
      finds: ["Service team-alpha/extra (v1), spec.type: must be ClusterIP."],
    },
    "an address of its own": {
      change: (s) => s.set("Service team-alpha/extra", "spec.externalIPs", ["192.0.2.1"]),
      finds: [
        "Service team-alpha/extra (v1), spec.externalIPs: takes over addresses outside of the cluster. Remove it.",
      ],
    },
  },
  unknown: ["Service team-alpha/extra", "spec.type"],
});
