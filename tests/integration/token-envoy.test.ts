import assert from "node:assert/strict";
import { jwks, publicJwk, signToken } from "../../components/layers/token-signing";
import type { Manifest } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import { obtainEnvoy } from "../../sandbox/binaries/envoy";
import { istio, kagent, TOKEN_HEADER, tokenClaims } from "../../topology";
import { Envoy } from "../../verify/envoy/envoy";
import { type Gate, gateOf, PRINCIPAL_HEADER } from "../../verify/envoy/gate";
import { addAgent, devTopology, ORCHESTRATOR, SPECIALIST } from "../support/dev";
import { foundOrSkip } from "../support/skip";

const HELPER = "team-alpha/helper";
const ANALYST = "team-beta/analyst";

/** Two delegations: orchestrator to specialist, and helper to analyst. */
const topology = devTopology((configuration) => {
  addAgent(HELPER, ANALYST)(configuration);
  configuration.delegations.push({ from: HELPER, to: ANALYST });
  configuration.rotation = { current: "2", previous: "1" };
});
const manifests = plan(topology).map(({ manifest }) => manifest);

const passwords: Readonly<Record<string, string>> = {
  "1": "password of the first generation".padEnd(64, "1"),
  "2": "password of the second generation".padEnd(64, "2"),
};
const password = (generation: string) => passwords[generation] ?? "";
const keys = (...generations: string[]) =>
  jwks(generations.map((generation) => publicJwk(password(generation), generation)));

const overlap = keys("2", "1");

/** The gate in front of the pods that carry these labels. */
function gateAt(namespace: string, labels: Readonly<Record<string, string>>, keySet: string): Gate {
  const here = manifests.filter(({ metadata, spec }) => {
    const { selector } = (spec ?? {}) as { selector?: { matchLabels: Record<string, string> } };
    return (
      metadata.namespace === namespace && JSON.stringify(selector?.matchLabels) === JSON.stringify(labels)
    );
  });
  const ofKind = (wanted: string): Manifest[] => here.filter(({ kind }) => kind === wanted);
  const [authentication, ...others] = ofKind("RequestAuthentication");
  assert.ok(authentication, `${namespace} has no RequestAuthentication for ${JSON.stringify(labels)}`);
  assert.deepEqual(others, []);
  return gateOf(authentication, ofKind("AuthorizationPolicy"), keySet);
}

const specialistLabels = kagent.agentPodLabels("specialist");
const gates = {
  specialist: gateAt("team-beta", specialistLabels, overlap),
  "specialist after the overlap": gateAt("team-beta", specialistLabels, keys("2")),
  gateway: gateAt(istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS, overlap),
};
type GateName = keyof typeof gates;

function claims(caller: string, callee: string, generation: string) {
  const [from, to] = [caller, callee].map((id) => {
    const [tenant = "", name = ""] = id.split("/");
    return { tenant, name };
  });
  assert.ok(from && to);
  return tokenClaims(from, to, generation);
}

const token = (caller: string, callee: string, generation = "2") =>
  signToken(claims(caller, callee, generation), password(generation), generation);
const host = (callee: string) => callee.split("/").reverse().join(".");

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const good = token(ORCHESTRATOR, SPECIALIST);
const [head = "", body = "", signature = ""] = good.split(".");

describe("delegation tokens at a real Envoy", function () {
  this.timeout(30_000);
  let envoy: Envoy<GateName>;

  before(async function () {
    this.timeout(300_000);
    const path = foundOrSkip(this, await obtainEnvoy());
    envoy = await Envoy.start(path, gates);
  });
  after(() => envoy?.stop());

  /** Who sends to a gate: the gateway to the specialist, and to the gateway the one agent that may ask for that callee. */
  const senderTo = (gate: GateName, callee: string) => {
    const account = callee === ANALYST ? "helper-sa" : "orchestrator-sa";
    return gate === "gateway"
      ? `cluster.local/ns/team-alpha/sa/${account}`
      : `cluster.local/ns/kagent/sa/${istio.GATEWAY_NAME}`;
  };
  /** Asks for the specialist, unless `callee` says another. */
  const ask = (gate: GateName, value: string | undefined, callee = SPECIALIST) =>
    envoy.ask(gate, {
      [PRINCIPAL_HEADER]: senderTo(gate, callee),
      [kagent.CALLEE_HEADER]: host(callee),
      ...(value !== undefined && { [TOKEN_HEADER]: value }),
    });

  const refusals: [what: string, token: string | undefined, status: number][] = [
    ["no token", undefined, 403],
    ["a token without signature", `${head}.${body}.`, 401],
    ["a token that says it needs none", `${encode({ alg: "none", typ: "JWT" })}.${body}.`, 401],
    [
      "a signature that was changed",
      `${head}.${body}.${signature.replace(/^./, (c) => (c === "A" ? "B" : "A"))}`,
      401,
    ],
    ["claims that were changed", `${head}.${encode(claims(HELPER, SPECIALIST, "2"))}.${signature}`, 401],
    [
      "another key under the known name",
      signToken(claims(ORCHESTRATOR, SPECIALIST, "2"), "foreign", "2"),
      401,
    ],
    [
      "another key under a name of its own",
      signToken(claims(ORCHESTRATOR, SPECIALIST, "9"), "foreign", "9"),
      401,
    ],
    [
      "another issuer",
      signToken({ ...claims(ORCHESTRATOR, SPECIALIST, "2"), iss: "somebody" }, password("2"), "2"),
      401,
    ],
    ["another subject", token(HELPER, SPECIALIST), 403],
    ["text that is no token", "Bearer x", 401],
  ];

  for (const gate of ["specialist", "gateway"] as const) {
    describe(`the ${gate}`, () => {
      it("admits the caller of a declared delegation", async () => {
        assert.equal((await ask(gate, good)).status, 200);
      });

      it("admits the previous generation while both are accepted", async () => {
        assert.equal((await ask(gate, token(ORCHESTRATOR, SPECIALIST, "1"))).status, 200);
      });

      for (const [what, value, status] of refusals) {
        it(`refuses ${what}`, async () => {
          const answer = await ask(gate, value);
          assert.equal(answer.status, status, answer.text);
        });
      }

      it("refuses the token of another delegation", async () => {
        assert.equal((await ask(gate, token(HELPER, ANALYST))).status, 403);
      });

      it("takes the token from its own header only", async () => {
        const headers = {
          [PRINCIPAL_HEADER]: senderTo(gate, SPECIALIST),
          [kagent.CALLEE_HEADER]: host(SPECIALIST),
          authorization: `Bearer ${good}`,
        };
        assert.equal((await envoy.ask(gate, headers)).status, 403);
      });
    });
  }

  it("the specialist refuses an audience that is not itself", async () => {
    const answer = await ask("specialist", token(ORCHESTRATOR, ANALYST));
    assert.deepEqual([answer.status, answer.text], [403, "Audiences in Jwt are not allowed"]);
  });

  it("the gateway binds a token to the callee that is asked for", async () => {
    assert.equal((await ask("gateway", token(HELPER, ANALYST), ANALYST)).status, 200);
    assert.equal((await ask("gateway", good, ANALYST)).status, 403);
    assert.equal((await ask("gateway", token(ORCHESTRATOR, ANALYST), ANALYST)).status, 403);
    assert.equal((await ask("gateway", token(ORCHESTRATOR, ANALYST), SPECIALIST)).status, 403);
  });

  it("the gateway binds a token to the agent that sends it", async () => {
    const stolen = {
      [PRINCIPAL_HEADER]: senderTo("gateway", ANALYST),
      [kagent.CALLEE_HEADER]: host(SPECIALIST),
      [TOKEN_HEADER]: good,
    };
    assert.equal((await envoy.ask("gateway", stolen)).status, 403);
  });

  it("the gateway passes the token on, and the specialist keeps it from the agent", async () => {
    assert.equal((await ask("gateway", good)).seen, good);
    assert.notEqual((await ask("specialist", good)).seen, good);
  });

  it("a generation is refused once its key is removed", async () => {
    const gate = "specialist after the overlap";
    assert.equal((await ask(gate, token(ORCHESTRATOR, SPECIALIST, "2"))).status, 200);
    assert.equal((await ask(gate, token(ORCHESTRATOR, SPECIALIST, "1"))).status, 401);
  });
});
