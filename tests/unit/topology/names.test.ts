import * as assert from "node:assert/strict";
import * as topology from "../../../topology";

const caller = { tenant: "team-alpha", name: "orchestrator" };
const callee = { tenant: "team-beta", name: "specialist" };

describe("names", () => {
  it("of principals, as AuthorizationPolicies want them", () => {
    assert.equal(
      topology.agentPrincipal(caller, "cluster.local"),
      "cluster.local/ns/team-alpha/sa/orchestrator-sa",
    );
    assert.equal(topology.controllerPrincipal("td"), "td/ns/kagent/sa/kagent-controller");
    assert.equal(topology.uiPrincipal("td"), "td/ns/kagent/sa/kagent-ui");
    assert.equal(topology.gatewayPrincipal("td"), "td/ns/kagent/sa/a2a-gateway");
  });

  it("of the callee in the header of the Python runtime: agent first, no port", () => {
    assert.equal(topology.calleeHeaderValue(callee), "specialist.team-beta");
  });

  it("that are derived fit a DNS label for the longest name allowed", () => {
    const longest = "a".repeat(topology.MAX_AGENT_NAME);
    for (const derive of [topology.serviceAccountName, topology.tokenSecretName, topology.agentPolicyName])
      assert.ok(derive(longest).length <= 63);
    assert.ok(topology.apiKeySecretName("m".repeat(topology.MAX_MODEL_NAME), "pulumi").length <= 63);
  });

  it("of API keys are apart for each writer, whatever the models are called", () => {
    for (const model of ["gpt", "gpt-vault", "gpt-api-key", "gpt-api-key-vault"])
      for (const other of ["gpt", "gpt-vault", "gpt-api-key", "gpt-api-key-vault"])
        assert.notEqual(
          topology.apiKeySecretName(model, "pulumi"),
          topology.apiKeySecretName(other, "vault"),
        );
  });

  it("of agents are never those of the objects that kagent makes", () => {
    for (const derive of [topology.serviceAccountName, topology.tokenSecretName])
      assert.notEqual(derive("specialist"), "specialist");
  });

  it("reserved for the platform are recognised, with their patterns", () => {
    for (const name of ["kagent", "kube-system", "kube-x", "istio-system", "default", "openshift-dns"])
      assert.ok(topology.isReservedNamespace(name), name);
    for (const name of ["team-kagent", "kagenta", "kubernetes", "istio", "default-team"])
      assert.ok(!topology.isReservedNamespace(name), name);
  });
});

describe("a token's claims", () => {
  it("name one caller, one callee and the generation, with a subject without a slash", () => {
    const claims = topology.tokenClaims(caller, callee, "3");
    assert.deepEqual(claims, {
      iss: "kagent-a2a",
      sub: "team-alpha.orchestrator",
      aud: "team-beta.specialist",
      jti: "team-alpha.orchestrator/team-beta.specialist/3",
    });
    const request = topology.requestPrincipal(caller);
    assert.deepEqual(
      [request.slice(0, request.lastIndexOf("/")), request.slice(request.lastIndexOf("/") + 1)],
      [claims.iss, claims.sub],
    );
  });
});

describe("a token's fingerprint", () => {
  const other = { tenant: "team-beta", name: "other" };
  const fingerprint = topology.tokenFingerprint;

  it("is a label value, the same in any order of callees", () => {
    assert.match(fingerprint(caller, [callee, other], "1"), /^[0-9a-f]{16}$/);
    assert.equal(fingerprint(caller, [callee, other], "1"), fingerprint(caller, [other, callee], "1"));
  });

  it("changes with the generation, the callees and the caller", () => {
    const all = [
      fingerprint(caller, [callee], "1"),
      fingerprint(caller, [callee], "2"),
      fingerprint(caller, [callee, other], "1"),
      fingerprint(other, [callee], "1"),
      fingerprint({ tenant: "team", name: "alpha.orchestrator" }, [callee], "1"),
    ];
    assert.equal(new Set(all).size, all.length);
  });
});
