/** Defects of the example that this project starts from (kagent PR #1908): each that a stack can contain, and what refuses it. */
import assert from "node:assert/strict";
import { describeFinding } from "../../policy-pack/framework/finding";
import { check, ruleNamed } from "./support/cases";
import { Draft, type Loose, manifest } from "./support/draft";
import { shipped, type Variant } from "./support/stacks";

const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const CALLEE = "AuthorizationPolicy team-beta/agent-specialist";
const NETWORK = "NetworkPolicy team-beta/agent-specialist";
const CERT = "cert-manager.io/v1";
const auditOf = (...rules: Loose[]) => ({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  metadata: { name: "a" },
  rules,
});

interface Defect {
  readonly number: number;
  readonly what: string;
  readonly rule: string;
  readonly change: (stack: Draft) => unknown;
  readonly variant?: Variant;
}

const DEFECTS: readonly Defect[] = [
  {
    number: 1,
    what: "serviceAccountName never set",
    rule: "rbac-own-account",
    change: (s) => s.set(ORCHESTRATOR, "spec.declarative.deployment.serviceAccountName", undefined),
  },
  {
    number: 1,
    what: "principals of accounts nobody runs as",
    rule: "identity-principals-exist",
    change: (s) =>
      s.set(CALLEE, "spec.rules[0].from[0].source.principals", [
        "cluster.local/ns/team-alpha/sa/orchestrator",
      ]),
  },
  {
    number: 2,
    what: "a NetworkPolicy that selects no pod",
    rule: "network-selectors-bound",
    change: (s) => s.set(NETWORK, "spec.podSelector.matchLabels", { "kagent.dev/name": "specialist" }),
  },
  {
    number: 2,
    what: "an AuthorizationPolicy that selects no pod",
    rule: "identity-selectors-bound",
    change: (s) => s.set(CALLEE, "spec.selector.matchLabels", { "kagent.dev/name": "specialist" }),
  },
  {
    number: 3,
    what: "app.kubernetes.io/name: kagent admits the UI",
    rule: "network-no-open-peers",
    change: (s) =>
      s.set(NETWORK, "spec.ingress[0].from[0].podSelector.matchLabels", {
        "app.kubernetes.io/name": "kagent",
      }),
  },
  {
    number: 4,
    what: "a principal sa/kagent that does not exist",
    rule: "identity-principals-exist",
    change: (s) =>
      s.set(CALLEE, "spec.rules[0].from[0].source.principals", ["cluster.local/ns/kagent/sa/kagent"]),
  },
  {
    number: 10,
    what: "data.inventory without a sync",
    rule: "admission-no-inventory",
    change: (s) =>
      s.add(
        manifest("templates.gatekeeper.sh/v1", "ConstraintTemplate", "unique", {
          spec: {
            crd: { spec: { names: { kind: "Unique" } } },
            targets: [{ rego: "data.inventory.cluster" }],
          },
        }),
      ),
  },
  {
    number: 11,
    what: "a leaf that a selfSigned issuer signs",
    rule: "supply-chain-leaf-issuer",
    change: (s) =>
      s.add(
        manifest(CERT, "ClusterIssuer", "self", { spec: { selfSigned: {} } }),
        manifest(CERT, "Certificate", "team-alpha/leaf", {
          spec: { secretName: "leaf", issuerRef: { kind: "ClusterIssuer", name: "self" } },
        }),
      ),
  },
  {
    number: 11,
    what: "an issuer that nobody declares",
    rule: "supply-chain-issuer-resolves",
    change: (s) =>
      s.add(
        manifest(CERT, "Certificate", "team-alpha/leaf", {
          spec: { secretName: "leaf", issuerRef: { kind: "ClusterIssuer", name: "mesh-ca" } },
        }),
      ),
  },
  {
    number: 12,
    what: "an audit policy that logs minted tokens",
    rule: "audit-no-secret-bodies",
    change: (s) =>
      s.add(
        auditOf(
          { level: "RequestResponse", resources: [{ group: "", resources: ["serviceaccounts/token"] }] },
          { level: "Metadata" },
        ),
      ),
  },
  {
    number: 14,
    what: "a second Namespace that strips labels",
    rule: "admission-single-definition",
    change: (s) => s.add(manifest("v1", "Namespace", "team-alpha")),
  },
  {
    number: 15,
    what: "a tool without type",
    rule: "reconciler-tool-complete",
    change: (s) => s.set(ORCHESTRATOR, "spec.declarative.tools[0].type", undefined),
  },
  {
    number: 16,
    what: "ExternalSecret in v1beta1",
    rule: "secrets-external-version",
    change: (s) =>
      s.add(manifest("external-secrets.io/v1beta1", "ExternalSecret", "team-alpha/x", { spec: {} })),
  },
  {
    number: 17,
    what: "a token nobody checks",
    rule: "token-request-authentication",
    change: (s) => s.drop("RequestAuthentication team-beta/agent-specialist"),
  },
  {
    number: 17,
    what: "a token nobody demands",
    rule: "token-demanded",
    change: (s) => s.set(CALLEE, "spec.rules[0].from[0].source.requestPrincipals", undefined),
  },
  {
    number: 19,
    what: "kagent outside of the mesh while STRICT",
    rule: "identity-mesh-enrolment",
    change: (s) => s.set("Namespace kagent", 'metadata.labels["istio-injection"]', undefined),
  },
  {
    number: 20,
    what: "restricted namespaces without security contexts",
    rule: "pod-security-agent-contexts",
    change: (s) => s.set(ORCHESTRATOR, "spec.declarative.deployment.securityContext", undefined),
  },
  {
    number: 21,
    what: "a static and an External Secrets writer",
    rule: "secrets-one-writer",
    change: (s) =>
      s.add(manifest("external-secrets.io/v1", "ExternalSecret", "team-alpha/gpt-api-key", { spec: {} })),
  },
];

/** Of the list: what no stack can contain, because it stands in tests, texts or URLs; or what fails closed by itself. */
const ELSEWHERE: Readonly<Record<number, string>> = {
  5: "paths on the agent's pod: calls are blocked, nothing is let through; live checks see it",
  6: "egress that is missing: calls are blocked; live checks see it",
  7: "a path that clients ask for",
  8: "a name in a command",
  9: "a sentence in a text",
  13: "a missing separator in YAML: `check` names the document (tests/policy/check.test.ts)",
  18: "a test and a script",
};

describe("defects of the upstream example", () => {
  for (const { number, what, rule, change, variant } of DEFECTS)
    it(`${number}: ${what} is refused by ${rule}`, () => {
      const stack = new Draft(shipped(variant));
      change(stack);
      const { findings } = check(ruleNamed(rule), stack.manifests);
      assert.ok(findings.length > 0, "nothing was found");
      assert.ok(findings.every((finding) => describeFinding(finding).length > 0));
    });

  it("are all accounted for", () => {
    const numbers = new Set([...DEFECTS.map(({ number }) => number), ...Object.keys(ELSEWHERE).map(Number)]);
    assert.deepEqual(
      [...numbers].sort((a, b) => a - b),
      [...Array(21).keys()].map((index) => index + 1),
    );
  });
});
