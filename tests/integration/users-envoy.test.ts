import assert from "node:assert/strict";
import { jwks, publicJwk, signToken } from "../../components/layers/token-signing";
import type { Manifest } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import { obtainEnvoy } from "../../sandbox/binaries/envoy";
import { kagent, type TokenClaims } from "../../topology";
import { Envoy } from "../../verify/envoy/envoy";
import { all, withUsers } from "../support/configurations";
import { devTopology } from "../support/dev";
import { usersListener } from "../support/envoy-users";
import { foundOrSkip } from "../support/skip";

const password = (of: string) => `key of ${of}`.padEnd(64, "x");
const keySet = (of: string) => jwks([publicJwk(password(of), of)]);

const topology = devTopology(
  all(withUsers, (c) => {
    delete c.oidc.jwksUri;
    c.oidc.jwks = keySet("users");
    c.oidc.serviceAccounts.jwks = keySet("cluster");
    c.oidc.claims = { groups: ["kagent-admins", "kagent-users"] };
  }),
);
const { oidc } = topology;
assert.ok(oidc);
const manifests = plan(topology).map(({ manifest }) => manifest);
const named = (kind: string, name: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  assert.ok(found);
  return found;
};
const gate = (name: string, change: (rules: Record<string, unknown>[]) => void = () => {}) => {
  const authentication = structuredClone(named("RequestAuthentication", name));
  change((authentication.spec as { jwtRules: Record<string, unknown>[] }).jwtRules);
  return [authentication, named("AuthorizationPolicy", name)] as const;
};

/** The second and third are not what is planned: they show what the plan guards against. */
const listeners = [
  usersListener("controller", ...gate("kagent-controller")),
  usersListener("ui", ...gate("kagent-ui")),
  usersListener("one issuer", ...gate("kagent-controller", (rules) => rules.splice(1))),
  usersListener(
    "anywhere",
    ...gate("kagent-controller", (rules) => {
      for (const rule of rules) delete rule.fromHeaders;
    }),
  ),
];

const claims = { iss: oidc.issuer, sub: "alice", aud: "kagent", groups: ["others", "kagent-users"] };
const sign = (more: object = {}, of = "users") =>
  signToken({ ...claims, ...more } as unknown as TokenClaims, password(of), of);
const account = sign(
  { iss: oidc.serviceAccounts.issuer, sub: "system:serviceaccount:team-alpha:orchestrator-sa" },
  "cluster",
);
const agentName = { [kagent.AGENT_NAME_HEADER]: "orchestrator", "x-user-id": "victim" };

describe("users' tokens at a real Envoy", function () {
  this.timeout(30_000);
  let envoy: Envoy<"controller" | "ui" | "one issuer" | "anywhere">;

  before(async function () {
    this.timeout(300_000);
    const path = foundOrSkip(this, await obtainEnvoy());
    envoy = await Envoy.startWith(path, listeners);
  });
  after(() => envoy?.stop());

  const bearer = (token: string, headers = {}) => ({ authorization: `Bearer ${token}`, ...headers });

  const refused: [what: string, headers: Record<string, string>, status: number][] = [
    ["no token", {}, 403],
    ["a foreign issuer", bearer(sign({ iss: "https://evil.example.com" })), 401],
    ["a key that is not the issuer's", bearer(sign({}, "somebody")), 401],
    ["a token for another application", bearer(sign({ aud: "other" })), 403],
    ["a user of no group that may", bearer(sign({ groups: ["others"] })), 403],
    ["a user who says to be an agent", bearer(sign(), agentName), 403],
    ["that, with an empty name", bearer(sign(), { ...agentName, [kagent.AGENT_NAME_HEADER]: "" }), 403],
    ["that, behind another word", { authorization: `x Bearer ${sign()}`, ...agentName }, 403],
  ];
  for (const where of ["controller", "ui"] as const)
    describe(`the ${where}`, () => {
      it("admits a user, and passes the token on", async () => {
        const token = sign();
        const { status, seen } = await envoy.ask(where, bearer(token));
        assert.deepEqual([status, seen], [200, `Bearer ${token}`]);
      });
      for (const [what, headers, status] of refused)
        it(`refuses ${what}`, async () => {
          const answer = await envoy.ask(where, headers);
          assert.equal(answer.status, status, answer.text);
        });
      it("does not take the token from the query", async () => {
        assert.equal((await envoy.ask(where, agentName, `/?access_token=${sign()}`)).status, 403);
      });
      it("does not take an agent's token for a user's", async () => {
        const { status } = await envoy.ask(where, bearer(account));
        // The UI does not know that issuer at all; the controller does, for the agents' own rules.
        assert.equal(status, where === "ui" ? 401 : 403);
      });
    });

  it("finds a token behind any word, which kagent does not, and refuses", async () => {
    assert.equal((await envoy.ask("controller", { authorization: `x Bearer ${sign()}` })).status, 200);
  });

  it("without the cluster's own issuer would refuse the token that agents send", async () => {
    const { status, text } = await envoy.ask("one issuer", bearer(account));
    assert.deepEqual([status, text], [401, "Jwt issuer is not configured"]);
  });

  it("without a header of its own would take a token from the query, where kagent does not look", async () => {
    assert.equal((await envoy.ask("anywhere", {}, `/?access_token=${sign()}`)).status, 200);
  });
});
