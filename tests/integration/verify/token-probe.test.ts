import assert from "node:assert/strict";
import { jwks, publicJwk, signToken } from "../../../components/layers/token-signing";
import type { Manifest } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { obtainEnvoy } from "../../../sandbox/binaries/envoy";
import { audience, type Delegation, istio, tokenClaims } from "../../../topology/index";
import type { Context, Finding } from "../../../verify/checks/check";
import { connectionFindings, delegationFindings, undeclaredFindings } from "../../../verify/checks/routing";
import { Envoy } from "../../../verify/envoy/envoy";
import { type Gate, gateOf } from "../../../verify/envoy/gate";
import type { Executor, HttpProbe, Outcome, Place } from "../../../verify/probes/probe";
import { devTopology } from "../../support/dev";
import { foundOrSkip } from "../../support/skip";

const topology = devTopology();
const [delegation] = topology.delegations as [Delegation];
const { caller, callee } = delegation;
const PLACE: Place = { namespace: caller.tenant, pod: "orchestrator-0", container: "agent" };
const PASSWORD = "password".padEnd(64, "1");
const good = signToken(tokenClaims(caller, callee, "1"), PASSWORD, "1");

/** A cluster that holds the one Secret with the caller's token. */
const context = {
  topology,
  cluster: {
    get: async () => ({
      code: 200,
      body: { data: { [audience(callee)]: Buffer.from(good).toString("base64") } },
    }),
  },
} as unknown as Context;

function gatewayGate(password: string): Gate {
  const atGateway = plan(topology)
    .map(({ manifest }) => manifest)
    .filter(({ metadata, spec }) => {
      const { selector } = (spec ?? {}) as { selector?: { matchLabels?: object } };
      return (
        metadata.namespace === istio.GATEWAY_NAMESPACE &&
        JSON.stringify(selector?.matchLabels) === JSON.stringify(istio.GATEWAY_LABELS)
      );
    });
  const ofKind = (wanted: string): Manifest[] => atGateway.filter(({ kind }) => kind === wanted);
  const [authentication] = ofKind("RequestAuthentication");
  assert.ok(authentication);
  return gateOf(authentication, ofKind("AuthorizationPolicy"), jwks([publicJwk(password, "1")]));
}

/** Answers probes; what goes past the gateway reaches nobody unless told. */
function mesh(gateway: (headers: Record<string, string>) => Promise<number>, past: Outcome): Executor {
  return {
    run: async (_place, _command, input) => {
      const { url, headers } = JSON.parse(input) as HttpProbe;
      if (url.startsWith("http://kagent-controller."))
        return JSON.stringify({ status: 200, body: "[]" } satisfies Outcome);
      if (!url.startsWith("http://a2a-gateway.")) return JSON.stringify(past);
      return JSON.stringify({ status: await gateway({ ...headers }), body: "" } satisfies Outcome);
    },
  };
}
const NOWHERE: Outcome = { unreachable: "timed out" };
const verdicts = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ subject, status }) => [subject.split(", ")[1] ?? subject, status]));

describe("verify's token check", function () {
  this.timeout(30_000);

  describe("at a real Envoy", () => {
    let envoy: Envoy<"ours" | "foreign key">;
    before(async function () {
      this.timeout(300_000);
      const path = foundOrSkip(this, await obtainEnvoy());
      const gates = { ours: gatewayGate(PASSWORD), "foreign key": gatewayGate("other".padEnd(64, "2")) };
      envoy = await Envoy.start(path, gates);
    });
    after(() => envoy?.stop());

    it("passes with the derived policies: the right token is taken, and each wrong one refused", async () => {
      const executor = mesh(async (headers) => (await envoy.ask("ours", headers)).status, NOWHERE);
      assert.deepEqual(verdicts(await delegationFindings(executor, context, delegation, PLACE)), {
        "with its token": "pass",
        "no token": "pass",
        "a token for another audience": "pass",
        "a token of another subject": "pass",
        "a token with another signature": "pass",
        "past the gateway": "pass",
      });
    });

    it("fails where the gateway takes another key", async () => {
      const executor = mesh(async (headers) => (await envoy.ask("foreign key", headers)).status, NOWHERE);
      const found = verdicts(await delegationFindings(executor, context, delegation, PLACE));
      assert.equal(found["with its token"], "fail");
    });

    it("passes for an agent that is no declared caller", async () => {
      const executor = mesh(async (headers) => (await envoy.ask("ours", headers)).status, NOWHERE);
      const question = { caller: callee, callee: caller, tokens: [] };
      assert.deepEqual(verdicts(await undeclaredFindings(executor, context, question, PLACE)), {
        "team-beta/specialist -> team-alpha/orchestrator": "pass",
      });
    });
  });

  it("fails at a mesh that lets everything through, for each wrong token and past the gateway", async () => {
    const open = mesh(async () => 200, { status: 200, body: "card" });
    assert.deepEqual(verdicts(await delegationFindings(open, context, delegation, PLACE)), {
      "with its token": "pass",
      "no token": "fail",
      "a token for another audience": "fail",
      "a token of another subject": "fail",
      "a token with another signature": "fail",
      "past the gateway": "fail",
    });
    const question = { caller: callee, callee: caller, tokens: [] };
    const [found] = await undeclaredFindings(open, context, question, PLACE);
    assert.equal(found?.status, "fail");
  });

  it("fails at a mesh that is down: nothing refuses a wrong token there", async () => {
    const down = mesh(async () => 503, NOWHERE);
    const found = verdicts(await delegationFindings(down, context, delegation, PLACE));
    assert.equal(found["with its token"], "fail");
    assert.equal(found["no token"], "fail");
  });

  it("shows no token in what it finds", async () => {
    const found = await delegationFindings(
      mesh(async () => 200, NOWHERE),
      context,
      delegation,
      PLACE,
    );
    for (const part of good.split(".")) assert.ok(!JSON.stringify(found).includes(part));
  });
});

describe("verify's connection check", () => {
  const targets = [{ id: callee.id, address: "10.0.0.2" }];
  const control = { host: "10.0.0.9", port: 8080 };
  const network = (reachable: readonly string[]): Executor => ({
    run: async (_place, _command, input) => {
      const { host } = JSON.parse(input) as { host: string };
      return JSON.stringify(reachable.includes(host) ? { connected: true } : { unreachable: "timed out" });
    },
  });
  const found = async (...reachable: string[]) =>
    (await connectionFindings(network(reachable), { name: "rogue pod", place: PLACE }, control, targets)).map(
      ({ subject, status }) => [subject, status],
    );

  it("passes when the agent is out of reach and the control is not", async () => {
    assert.deepEqual(await found("10.0.0.9"), [["rogue pod -> team-beta/specialist", "pass"]]);
  });
  it("fails when the agent can be connected to", async () => {
    assert.deepEqual(await found("10.0.0.9", "10.0.0.2"), [["rogue pod -> team-beta/specialist", "fail"]]);
  });
  it("is no pass in a dead network", async () => {
    assert.deepEqual(await found(), [["rogue pod", "not answerable"]]);
  });
});
