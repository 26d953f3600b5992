/** The rules as the engine runs them. */
import assert from "node:assert/strict";
import { EngineValue } from "../../components/plan/manifest";
import { CrossGuardPack } from "../../policy-pack/framework/crossguard";
import { evaluateRule } from "../../policy-pack/framework/evaluate";
import { planned } from "../../policy-pack/framework/manifests";
import { documentation } from "../../policy-pack/framework/rule";
import { StackIndex } from "../../policy-pack/framework/stack-index";
import { RULES } from "../../policy-pack/rules/index";
import { deployed } from "../mutation/run";
import { inProduction } from "../support/configurations";
import { FOREIGN } from "./support/cases";
import { Draft, type Loose, manifest } from "./support/draft";
import { resourceOf, runPack, UNKNOWN, withEngineValues } from "./support/engine";
import { shipped, VARIANTS } from "./support/stacks";

const resources = (manifests: readonly unknown[], value: (name: string) => string = () => UNKNOWN) =>
  manifests.map((object) => resourceOf(withEngineValues(object, value) as Loose));

describe("the pack in the engine", () => {
  for (const variant of VARIANTS) {
    const what = `routing ${variant.routing}, admission ${variant.admission}`;
    it(`passes a preview of the shipped stack, whose keys and tokens are unknown: ${what}`, () => {
      const { reports } = runPack(resources(shipped(variant)));
      assert.deepEqual([...reports.keys()], ["notices"]);
      assert.deepEqual([...(reports.get("notices") ?? [])].sort(), [
        "checked at up: token-claims on Secret team-alpha/orchestrator-a2a-tokens",
        ...(variant.routing === "gateway"
          ? ["checked at up: token-public-keys on RequestAuthentication kagent/a2a-gateway"]
          : []),
        "checked at up: token-public-keys on RequestAuthentication team-beta/agent-specialist",
      ]);
    });
    it(`passes the shipped stack at up: ${what}`, () => {
      const { reports } = runPack(resources(deployed(variant)), {}, { isPreview: () => false });
      assert.deepEqual([...reports.entries()], []);
    });
  }

  it("blocks at up what a preview could not know, before it is created", () => {
    const stack = new Draft(deployed({})).set(
      "RequestAuthentication kagent/a2a-gateway",
      "spec.jwtRules[0].jwks",
      '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}',
    );
    const { reports } = runPack(resources(stack.manifests), {}, { isPreview: () => false });
    assert.deepEqual(reports.get("token-public-keys"), [
      "RequestAuthentication kagent/a2a-gateway (security.istio.io/v1), spec.jwtRules[0].jwks: holds a private or symmetric key. Publish public keys only, and replace this one.",
      "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.jwtRules[0].jwks: holds other keys than RequestAuthentication kagent/a2a-gateway. One issuer has one set: write it in both.",
    ]);
  });

  it("blocks at up an object in an earlier version of its API, and keys that others do not have", () => {
    const authentication = "RequestAuthentication team-beta/agent-specialist";
    const keys = "spec.jwtRules[0].jwks";
    const said = (value: string): readonly string[] => {
      const stack = new Draft(deployed({}))
        .set(authentication, "apiVersion", "security.istio.io/v1beta1")
        .set(authentication, keys, value);
      const { reports } = runPack(resources(stack.manifests), {}, { isPreview: () => false });
      return reports.get("token-public-keys") ?? [];
    };
    assert.match(
      said('{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}').join("\n"),
      /holds a private or symmetric key/,
    );
    assert.match(
      said('{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a"}]}').join("\n"),
      /holds other keys than/,
    );
  });

  it("refuses in a preview keys that stand beside those that only the engine knows", () => {
    const stack = new Draft(shipped()).set(
      "RequestAuthentication team-beta/agent-specialist",
      "spec.jwtRules[0].jwks",
      '{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a"}]}',
    );
    const { reports } = runPack(resources(stack.manifests));
    assert.match((reports.get("token-public-keys") ?? []).join("\n"), /holds other keys than/);
  });

  it("does not pass over an audit policy that it cannot read", () => {
    for (const auditPolicy of [UNKNOWN, { rules: [{ level: "Metadata" }] }]) {
      const stack = resourceOf({ kind: "Stack", metadata: {}, auditPolicy }, "pulumi:pulumi:Stack");
      const { reports } = runPack([stack]);
      assert.equal(reports.get("audit-no-secret-bodies")?.length, 1, JSON.stringify(auditPolicy));
    }
    const { reports } = runPack([
      resourceOf({ kind: "Stack", metadata: {}, auditPolicy: UNKNOWN }, "pulumi:pulumi:Stack"),
    ]);
    assert.match(reports.get("audit-sees-secrets")?.[0] ?? "", /can't run policy audit-sees-secrets/);
  });

  it("demands a literal namespace of every kind that a rule looks up by it", () => {
    const looked = new Set<string>();
    class Watched extends StackIndex {
      override in(group: string, kind: string, namespace: string) {
        looked.add(`${group} ${kind}`);
        return super.in(group, kind, namespace);
      }
    }
    for (const variant of VARIANTS) {
      const stack = new Watched(
        planned(shipped({ ...variant, edit: inProduction })),
        (value) => value instanceof EngineValue,
      );
      for (const rule of RULES) evaluateRule(rule, stack);
    }
    const identity = RULES.find(({ name }) => name === "admission-literal-identity");
    assert.ok(identity);
    const missed = [...looked].filter((name) => {
      const [group = "", kind = ""] = name.split(" ");
      const apiVersion = group === "" ? "v1" : `${group}/v1`;
      const object = planned([{ apiVersion, kind, metadata: { name: "x" } }]);
      return evaluateRule(identity, new StackIndex(object, () => false)).findings.length === 0;
    });
    assert.deepEqual(missed, []);
    assert.ok(looked.size > 20, [...looked].join(", "));
  });

  it("says of each rule that it does not apply to somebody else's program", () => {
    const { reports, notApplicable } = runPack(resources(FOREIGN));
    assert.deepEqual([...reports.entries()], []);
    assert.ok(notApplicable.has("network-default-deny"));
    assert.ok(notApplicable.has("pod-security-agent-contexts"));
  });

  it("reads each run anew", () => {
    const policies = new CrossGuardPack(RULES, { isPreview: () => true }).policies();
    const policy = policies.find(({ name }) => name === "network-default-deny");
    assert.ok(policy !== undefined && "validateStack" in policy);
    const count = (manifests: readonly unknown[]): number => {
      let found = 0;
      const args = { resources: resources(manifests), getConfig: () => ({}), notApplicable: () => undefined };
      policy.validateStack(args as never, () => {
        found += 1;
      });
      return found;
    };
    const broken = new Draft(shipped()).set(
      "NetworkPolicy kagent/default-deny",
      "spec.policyTypes",
      [],
    ).manifests;
    assert.deepEqual([count(shipped()), count(broken), count(shipped())], [0, 2, 0]);
  });

  it("offers each rule with severity, remediation and a link", () => {
    const policies = new CrossGuardPack(RULES).policies();
    for (const rule of RULES) {
      const policy = policies.find(({ name }) => name === rule.name);
      assert.equal(policy?.enforcementLevel, "mandatory");
      assert.equal(policy?.severity, rule.severity);
      assert.equal(policy?.url, documentation(rule));
      assert.equal(policy?.remediationSteps, rule.remediation.join("\n"));
    }
  });

  it("sees Helm releases, also those that cert-manager's component makes, patches, and the audit policy that a stack says", () => {
    const component = resourceOf(
      { kind: "CertManager", metadata: {}, status: {} },
      "kubernetes-cert-manager:index:CertManager",
    );
    const made = resourceOf(
      { kind: "Release", name: "cert-manager", namespace: "cert-manager", chart: "cert-manager" },
      "kubernetes:helm.sh/v3:Release",
    );
    const stack = resourceOf(
      { kind: "Stack", metadata: {}, auditPolicy: "rules: [{level: RequestResponse}]" },
      "pulumi:pulumi:Stack",
    );
    const patch = resourceOf(manifest("v1", "Namespace", "team-alpha"), "kubernetes:core/v1:NamespacePatch");
    const custom = resourceOf(
      manifest("security.istio.io/v1", "AuthorizationPolicy", "team-beta/agent-specialist"),
      "kubernetes:security.istio.io/v1:AuthorizationPolicyPatch",
    );
    const { reports } = runPack([component, made, stack, patch, custom]);
    assert.deepEqual(reports.get("supply-chain-exact-version"), [
      "Release cert-manager/cert-manager (helm.sh/v3), version: must be an exact version such as 0.10.4.",
    ]);
    assert.equal(reports.get("audit-no-secret-bodies")?.length, 4);
    assert.deepEqual(reports.get("admission-no-patches"), [
      "NamespacePatch team-alpha (v1): patches an object that governs. Change the object itself.",
      "AuthorizationPolicyPatch team-beta/agent-specialist (security.istio.io/v1): patches an object that governs. Change the object itself.",
    ]);
  });
});
