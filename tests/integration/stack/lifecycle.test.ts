import assert from "node:assert/strict";
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { KubeObject } from "../../support/kube-api";
import { type Configuration, devConfiguration, type Run, useSandbox } from "../../support/sandbox";

const FINGERPRINT = "kagent-a2a/token-fingerprint";

/** The shipped configuration with one more team, whose agent the specialist delegates to. */
function withThirdTeam(): Configuration {
  const { tenants, agents, delegations, ...rest } = devConfiguration() as {
    tenants: Configuration;
    agents: Configuration;
    delegations: unknown[];
  };
  return {
    ...rest,
    tenants: { ...tenants, "team-gamma": { editors: ["team-gamma-developers"] } },
    agents: { ...agents, "team-gamma/reviewer": agents["team-beta/specialist"] },
    delegations: [...delegations, { from: "team-beta/specialist", to: "team-gamma/reviewer" }],
  };
}

const startingWith = (operation: string, { steps }: Run): string[] =>
  steps
    .filter((step) => step.startsWith(`${operation} `))
    .map((step) => step.slice(operation.length + 1))
    .sort();

describe("a stack on the embedded control plane", function () {
  this.timeout(120_000);
  const sandbox = useSandbox();

  /** Token, published keys and fingerprint of the shipped delegation, as they are on the cluster. */
  async function tokenSide() {
    const { api } = sandbox;
    const [secret, atCallee, atGateway, caller] = await Promise.all([
      api.read("v1", "Secret", "orchestrator-a2a-tokens", "team-alpha"),
      api.read("security.istio.io/v1", "RequestAuthentication", "agent-specialist", "team-beta"),
      api.read("security.istio.io/v1", "RequestAuthentication", "a2a-gateway", "kagent"),
      api.read("kagent.dev/v1alpha2", "Agent", "orchestrator", "team-alpha"),
    ]);
    const keysOf = ({ spec }: KubeObject) => {
      const [rule] = (spec as { jwtRules: [{ jwks: string }] }).jwtRules;
      return (JSON.parse(rule.jwks) as { keys: (JsonWebKey & { kid: string })[] }).keys;
    };
    assert.deepEqual(keysOf(atCallee), keysOf(atGateway));
    const data = secret.data as Record<string, string>;
    const token = Buffer.from(data["team-beta.specialist"] ?? "", "base64").toString();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
    const signer = keysOf(atCallee).find((key) => key.kid === kid);
    assert.ok(signer, `the key ${kid} that signed the token is not published`);
    const key = createPublicKey({ key: signer, format: "jwk" });
    assert.ok(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")));
    return {
      signedBy: kid,
      published: keysOf(atCallee).map((each) => each.kid),
      fingerprint: (caller.metadata.labels as Record<string, string>)[FINGERPRINT],
    };
  }

  it("comes up with every object of the plan, callees before callers", async () => {
    const { steps } = await sandbox.up(devConfiguration());
    assert.ok(
      steps.every((step) => step.startsWith("create ")),
      steps.join("\n"),
    );
    assert.deepEqual(
      steps.filter((step) => step.includes(" Agent ")),
      ["create Agent team-beta/specialist", "create Agent team-alpha/orchestrator"],
    );
  });

  it("changes nothing a second time", async () => {
    const { steps, deployed } = await sandbox.up(devConfiguration());
    assert.deepEqual(steps, []);
    assert.equal(deployed.plane.changed, false);
  });

  it("adds a team and a delegation, and touches nothing else", async () => {
    const run = await sandbox.up(withThirdTeam());
    assert.deepEqual(startingWith("update", run), [
      "Agent team-beta/specialist",
      "Namespace team-beta",
      "NetworkPolicy kagent/a2a-gateway.team-beta",
      "NetworkPolicy team-beta/agent-specialist",
      "RequestAuthentication kagent/a2a-gateway",
      "ValidatingAdmissionPolicy kagent-a2a-agents",
      "ValidatingAdmissionPolicy kagent-a2a-model-configs",
      "ValidatingAdmissionPolicy kagent-a2a-namespaces",
    ]);
    const created = startingWith("create", run);
    assert.equal(created.length + 8, run.steps.length, run.steps.join("\n"));
    assert.deepEqual(
      created.filter((step) => !step.includes("team-gamma")),
      ["Secret team-beta/specialist-a2a-tokens"],
    );
  });

  it("rotates the signing key in two steps, both generations accepted in between", async () => {
    const before = await tokenSide();
    assert.equal(before.signedBy, "kagent-a2a-1");

    const overlap = await sandbox.up({ ...withThirdTeam(), rotation: { current: "2", previous: "1" } });
    assert.deepEqual([...overlap.steps].sort(), [
      "create RandomPassword signing-keys-2",
      "update Agent team-alpha/orchestrator",
      "update Agent team-beta/specialist",
      "update RequestAuthentication kagent/a2a-gateway",
      "update RequestAuthentication team-beta/agent-specialist",
      "update RequestAuthentication team-gamma/agent-reviewer",
      "update Secret team-alpha/orchestrator-a2a-tokens",
      "update Secret team-beta/specialist-a2a-tokens",
    ]);
    const during = await tokenSide();
    assert.equal(during.signedBy, "kagent-a2a-2");
    assert.deepEqual(during.published, ["kagent-a2a-2", "kagent-a2a-1"]);
    assert.notEqual(during.fingerprint, before.fingerprint);

    const ended = await sandbox.up({ ...withThirdTeam(), rotation: { current: "2" } });
    assert.deepEqual([...ended.steps].sort(), [
      "delete RandomPassword signing-keys-1",
      "update RequestAuthentication kagent/a2a-gateway",
      "update RequestAuthentication team-beta/agent-specialist",
      "update RequestAuthentication team-gamma/agent-reviewer",
    ]);
    assert.deepEqual(await tokenSide(), { ...during, published: ["kagent-a2a-2"] });
  });

  it("mends what somebody changed on the cluster, after a refresh", async () => {
    const { api } = sandbox;
    const configuration = { ...withThirdTeam(), rotation: { current: "2" } };
    const guard = await api.read("networking.k8s.io/v1", "NetworkPolicy", "agent-specialist", "team-beta");
    const { apiVersion, kind } = guard;
    const metadata = { name: "agent-specialist", namespace: "team-beta" };
    await api.patch({ apiVersion, kind, metadata, spec: { ingress: [{}] } });
    await api.remove({ apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata });

    await sandbox.refresh(configuration);
    const { steps } = await sandbox.up(configuration);
    assert.deepEqual([...steps].sort(), [
      "create AuthorizationPolicy team-beta/agent-specialist",
      "update NetworkPolicy team-beta/agent-specialist",
    ]);
    const mended = await api.read(apiVersion, kind, "agent-specialist", "team-beta");
    assert.deepEqual(mended.spec, guard.spec);
  });

  it("removes the team and every delegation, network and identity before Agents", async () => {
    const run = await sandbox.up({ ...devConfiguration(), rotation: { current: "2" }, delegations: [] });
    assert.deepEqual(startingWith("create", run), []);
    assert.deepEqual(startingWith("update", run), [
      "Agent team-alpha/orchestrator",
      "Agent team-beta/specialist",
      "AuthorizationPolicy kagent/a2a-gateway.team-beta",
      "AuthorizationPolicy team-beta/agent-specialist",
      "Namespace team-alpha",
      "Namespace team-beta",
      "NetworkPolicy kagent/a2a-gateway.team-alpha",
      "NetworkPolicy kagent/a2a-gateway.team-beta",
      "NetworkPolicy team-alpha/agent-orchestrator",
      "NetworkPolicy team-beta/agent-specialist",
      "ValidatingAdmissionPolicy kagent-a2a-agents",
      "ValidatingAdmissionPolicy kagent-a2a-model-configs",
      "ValidatingAdmissionPolicy kagent-a2a-namespaces",
    ]);
    const position = (pattern: RegExp) =>
      run.steps.map((step, at) => (pattern.test(step) ? at : -1)).filter((at) => at >= 0);
    const narrowed = position(/^update (NetworkPolicy|AuthorizationPolicy) /);
    assert.ok(Math.max(...narrowed) < Math.min(...position(/^update Agent /)), run.steps.join("\n"));

    assert.equal(await sandbox.api.find("v1", "Namespace", "team-gamma"), undefined);
    const policies = await sandbox.api.list("/apis/networking.k8s.io/v1/networkpolicies");
    assert.deepEqual(
      policies.filter(({ spec }) => JSON.stringify(spec).includes("team-gamma")),
      [],
    );
  });

  it("leaves nothing behind when it is destroyed, but the namespace of a kagent that it did not install", async () => {
    await sandbox.destroy(devConfiguration());
    const { api } = sandbox;
    const names = async (path: string) => (await api.list(path)).map(({ metadata }) => metadata.name);
    assert.deepEqual((await names("/api/v1/namespaces")).sort(), [
      "default",
      "kagent",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    for (const resource of ["validatingadmissionpolicies", "validatingadmissionpolicybindings"])
      assert.deepEqual(await names(`/apis/admissionregistration.k8s.io/v1/${resource}`), []);
    for (const path of [
      "/apis/kagent.dev/v1alpha2/agents",
      "/apis/security.istio.io/v1/authorizationpolicies",
    ])
      assert.deepEqual(await names(path), []);
  });
});
