import assert from "node:assert/strict";
import { jwks, publicJwk, signToken } from "../../../components/layers/token-signing";
import type { Manifest } from "../../../components/plan/manifest";
import { plan } from "../../../components/plan/plan";
import { obtainEnvoy } from "../../../sandbox/binaries/envoy";
import {
  agentPrincipal,
  audience,
  type Delegation,
  istio,
  TOKEN_HEADER,
  type Topology,
  tokenClaims,
  tokenSecretName,
} from "../../../topology/index";
import type { Context, Finding } from "../../../verify/checks/check";
import { connectionFindings } from "../../../verify/checks/connections";
import { delegationFindings, undeclaredFindings } from "../../../verify/checks/routing";
import { Envoy } from "../../../verify/envoy/envoy";
import { type Gate, gateOf, PRINCIPAL_HEADER } from "../../../verify/envoy/gate";
import { Failed } from "../../../verify/errors";
import type { Executor, HttpProbe, Outcome, Place } from "../../../verify/probes/probe";
import { addAgent, devTopology, ORCHESTRATOR, SPECIALIST } from "../../support/dev";
import { foundOrSkip } from "../../support/skip";

const HELPER = "team-alpha/helper";
const ANALYST = "team-beta/analyst";

/** Besides the shipped delegation one of the same caller, and one to the same callee. */
const topology = devTopology((configuration) => {
  addAgent(HELPER, ANALYST)(configuration);
  configuration.delegations.push({ from: ORCHESTRATOR, to: ANALYST }, { from: HELPER, to: SPECIALIST });
});
const find = (of: Topology, id: string): Delegation => {
  const found = of.delegations.find((one) => one.id === id);
  assert.ok(found);
  return found;
};
const ID = `${ORCHESTRATOR} -> ${SPECIALIST}`;
const delegation = find(topology, ID);
const { caller, callee } = delegation;
const PLACE: Place = { namespace: caller.tenant, pod: "orchestrator-0", container: "agent" };
const PASSWORD = "password".padEnd(64, "1");
const tokenOf = ({ caller, callee }: Delegation) =>
  signToken(tokenClaims(caller, callee, "1"), PASSWORD, "1");
const good = tokenOf(delegation);

/** A cluster that holds callers' Secrets, with something around each token. */
const contextOf = (of: Topology, around = ""): Context =>
  ({
    topology: of,
    cluster: {
      get: async ({ metadata }: Manifest) => {
        const mine = of.delegations.filter(
          ({ caller }) =>
            caller.tenant === metadata.namespace && tokenSecretName(caller.name) === metadata.name,
        );
        const data = mine.map((one) => [
          audience(one.callee),
          Buffer.from(tokenOf(one) + around).toString("base64"),
        ]);
        return mine.length === 0
          ? { code: 404, body: {}, message: "" }
          : { code: 200, body: { data: Object.fromEntries(data) } };
      },
    },
  }) as unknown as Context;
const context = contextOf(topology);

function gatewayGate(password: string, more: readonly Manifest[] = []): Gate {
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
  return gateOf(
    authentication,
    [...ofKind("AuthorizationPolicy"), ...more],
    jwks([publicJwk(password, "1")]),
  );
}

/** Answers probes; what goes past the gateway reaches nobody unless told. */
function mesh(
  gateway: (headers: Record<string, string>) => Promise<number>,
  past: Outcome,
  name = "specialist",
): Executor {
  return {
    run: async (_place, _command, input) => {
      const { url, headers } = JSON.parse(input) as HttpProbe;
      if (url.startsWith("http://kagent-controller."))
        return JSON.stringify({ status: 200, body: "[]" } satisfies Outcome);
      if (!url.startsWith("http://a2a-gateway.")) return JSON.stringify(past);
      const status = await gateway({ ...headers });
      return JSON.stringify({ status, body: JSON.stringify({ name }) } satisfies Outcome);
    },
  };
}
const NOWHERE: Outcome = { unreachable: "timed out" };
const verdicts = (findings: readonly Finding[]) =>
  Object.fromEntries(findings.map(({ subject, status }) => [subject.split(", ")[1] ?? subject, status]));

describe("verify's token check", function () {
  this.timeout(30_000);

  describe("at a real Envoy", () => {
    const sender = agentPrincipal(caller, topology.cluster.trustDomain);
    const ours = gatewayGate(PASSWORD);
    const tokenless: Manifest = {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "debug", namespace: istio.GATEWAY_NAMESPACE },
      spec: { rules: [{ from: [{ source: { principals: [sender] } }] }] },
    };
    const gates = {
      ours,
      "foreign key": gatewayGate("other".padEnd(64, "2")),
      "any audience": {
        ...ours,
        audiences: [],
        allow: ours.allow.map((rule) => ({ ...rule, audiences: [], headers: {} })),
      },
      "any subject": { ...ours, allow: ours.allow.map((rule) => ({ ...rule, requestPrincipals: ["*"] })) },
      "no token needed": gatewayGate(PASSWORD, [tokenless]),
    };
    let envoy: Envoy<keyof typeof gates>;
    before(async function () {
      this.timeout(300_000);
      envoy = await Envoy.start(foundOrSkip(this, await obtainEnvoy()), gates);
    });
    after(() => envoy?.stop());

    const through = (gate: keyof typeof gates, principal = sender) =>
      mesh(async (headers) => {
        const { status } = await envoy.ask(gate, { ...headers, [PRINCIPAL_HEADER]: principal });
        return status;
      }, NOWHERE);
    const failed = async (gate: keyof typeof gates) =>
      Object.entries(verdicts(await delegationFindings(through(gate), context, delegation, PLACE))).flatMap(
        ([what, status]) => (status === "fail" ? [what] : []),
      );

    it("passes with the derived policies: the right token is taken, and each wrong one refused", async () => {
      assert.deepEqual(verdicts(await delegationFindings(through("ours"), context, delegation, PLACE)), {
        "with its token": "pass",
        "no token": "pass",
        "a token with another signature": "pass",
        "a token whose subject was changed": "pass",
        "a genuine token for another audience": "pass",
        "a genuine token of another subject": "pass",
        "past the gateway": "pass",
      });
    });

    it("fails where the gateway takes another key", async () => {
      assert.deepEqual(await failed("foreign key"), ["with its token"]);
    });

    it("fails where nothing looks at the audience, at the subject, or for a token", async () => {
      assert.deepEqual(await failed("any audience"), ["a genuine token for another audience"]);
      assert.deepEqual(await failed("any subject"), ["a genuine token of another subject"]);
      assert.ok((await failed("no token needed")).includes("no token"));
    });

    it("passes for an agent that is no declared caller", async () => {
      const executor = through("ours", agentPrincipal(callee, topology.cluster.trustDomain));
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
      "a token with another signature": "fail",
      "a token whose subject was changed": "fail",
      "a genuine token for another audience": "fail",
      "a genuine token of another subject": "fail",
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

  it("does not answer for a genuine token where no other delegation has one in that team", async () => {
    const alone = devTopology();
    const refusing = mesh(async (headers) => (headers[TOKEN_HEADER] === good ? 200 : 403), NOWHERE);
    const asked = delegationFindings(refusing, contextOf(alone), find(alone, ID), PLACE);
    const found = verdicts(await asked);
    assert.equal(found["a genuine token for another audience"], "not answerable");
    assert.equal(found["a genuine token of another subject"], "not answerable");
  });

  it("fails when the answer is the card of another agent", async () => {
    const other = mesh(async (headers) => (headers[TOKEN_HEADER] === good ? 200 : 403), NOWHERE, "analyst");
    const [found] = await delegationFindings(other, context, delegation, PLACE);
    assert.deepEqual(found, {
      subject: `${ID}, with its token`,
      status: "fail",
      detail: `HTTP 200, and it is not the card of ${SPECIALIST}`,
    });
  });

  it("sends nothing that is no token, and says in which Secret there is none", async () => {
    const untouched: Executor = { run: async () => assert.fail("something was sent") };
    for (const around of ["\n", " "])
      await assert.rejects(
        delegationFindings(untouched, contextOf(topology, around), delegation, PLACE),
        new Failed("Secret team-alpha/orchestrator-a2a-tokens holds no token under team-beta.specialist"),
      );
    const empty = { ...contextOf(topology), cluster: contextOf({ ...topology, delegations: [] }).cluster };
    await assert.rejects(
      delegationFindings(untouched, empty, delegation, PLACE),
      new Failed("Secret team-alpha/orchestrator-a2a-tokens is not on the cluster"),
    );
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
