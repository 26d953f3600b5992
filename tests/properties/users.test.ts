import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { kagentPod, type World } from "../../verify/static/calls";
import type { Token } from "../../verify/static/istio";
import { agentPod, type Pod } from "../../verify/static/kagent";
import { arrives, arrivesAtUi, type UserRequest, userOf } from "../../verify/static/users";
import { all, ENTRY, withUsers } from "../support/configurations";
import type { Raw } from "../support/dev";
import { configurations } from "../support/topologies";
import { withoutKind, worldOf } from "../support/world";

const ISSUER = "https://login.example.com/realms/platform";
const CLUSTER_ISSUER = "https://kubernetes.default.svc.cluster.local";
const entry: Pod = { ...ENTRY, address: "10.244.2.1" };
const rogue: Pod = {
  namespace: "shop",
  labels: { app: "shop" },
  serviceAccount: "shop",
  address: "10.244.3.1",
};

const user = (subject = "alice", more: Partial<Token> = {}): Token => ({
  issuer: ISSUER,
  subject,
  audience: "kagent",
  genuine: true,
  header: "authorization",
  ...more,
});
const GOOD: UserRequest = { token: user() };

const world = (raw: Raw, ...edits: ((raw: Raw) => void)[]): World => {
  const copy = structuredClone(raw);
  all(withUsers, ...edits)(copy);
  return worldOf(copy);
};

/** Everything that somebody could put into a request: tokens of any kind, in any place, with any header. */
const token: fc.Arbitrary<Token> = fc.record({
  issuer: fc.constantFrom(ISSUER, CLUSTER_ISSUER, "https://evil.example.com", "kagent-a2a", `${ISSUER}/`),
  subject: fc.constantFrom("alice", "victim", "system:serviceaccount:team-alpha:orchestrator-sa"),
  audience: fc.constantFrom("kagent", "another-application"),
  genuine: fc.boolean(),
  header: fc.constantFrom("authorization", "?access_token"),
  before: fc.constantFrom("Bearer ", "x Bearer ", "bearer ", "Basic "),
});
const request: fc.Arbitrary<UserRequest> = fc.record(
  {
    path: fc.constantFrom("/", "/api/sessions", "/api/agents", "/mcp", "/api/a2a/team-alpha/orchestrator/"),
    token,
    headers: fc.dictionary(
      fc.constantFrom("x-user-id", "x-agent-name"),
      fc.constantFrom("victim", "team-alpha__NS__orchestrator", ""),
    ),
  },
  { requiredKeys: [] },
);

const isUsers = ({ issuer, genuine, audience }: Token) =>
  genuine && issuer === ISSUER && audience === "kagent";

describe("with users verified, in any graph", () => {
  it("a user with a good token arrives at the UI and the controller, on every path", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const verified = world(raw);
        for (const path of ["/", "/api/sessions", "/api/a2a/team-alpha/orchestrator/"]) {
          assert.ok(arrives(verified, entry, { ...GOOD, path }), path);
          assert.ok(arrivesAtUi(verified, entry, { ...GOOD, path }), path);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("whatever is sent, the controller sees users under their own verified names or not at all", () => {
    fc.assert(
      fc.property(configurations(), fc.array(request, { minLength: 20, maxLength: 20 }), (raw, requests) => {
        const verified = world(raw);
        for (const sent of requests) {
          if (!arrives(verified, entry, sent)) continue;
          const name = userOf(sent);
          if (name === undefined) continue;
          const { token } = sent;
          assert.ok(token && isUsers(token), JSON.stringify(sent));
          assert.equal(name, token.subject, JSON.stringify(sent));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("and no pod but those that bring users in arrives with a user's token, with the network open too", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        for (const open of [world(raw), withoutKind(world(raw), "NetworkPolicy")]) {
          assert.ok(!arrives(open, rogue, GOOD));
          for (const agent of open.agents)
            assert.ok(!arrives(open, agentPod(agent), { ...GOOD, path: "/api/agents" }));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("agents reach their sessions with the service account token that they send, and nothing else of the controller", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const verified = world(raw);
        for (const agent of verified.agents) {
          const pod = agentPod(agent);
          const account = `system:serviceaccount:${pod.namespace}:${pod.serviceAccount}`;
          const own: UserRequest = {
            path: "/api/sessions/1",
            token: user(account, { issuer: CLUSTER_ISSUER }),
            headers: { "x-agent-name": agent.metadata.name, "x-user-id": "alice" },
          };
          assert.ok(arrives(verified, pod, own), account);
          assert.ok(!arrives(verified, pod, { ...own, path: "/api/agents" }), account);
          assert.ok(!arrives(verified, entry, own), "an agent's token does for a user");
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("the shipped shape of users", () => {
  const base = fc.sample(configurations(), { seed: 1, numRuns: 1 })[0] as Raw;
  const verified = world(base);
  const groups = world(base, (raw) => {
    raw.oidc.claims = { groups: ["kagent-users", "kagent-admins"] };
  });

  const refused: [what: string, request: UserRequest][] = [
    ["no token", {}],
    ["a foreign issuer", { token: user("alice", { issuer: "https://evil.example.com" }) }],
    ["a forged signature", { token: user("alice", { genuine: false }) }],
    ["a token for another application", { token: user("alice", { audience: "other" }) }],
    ["a delegation token", { token: user("team-alpha.a", { issuer: "kagent-a2a" }) }],
    ["a service account's token", { token: user("system:x", { issuer: CLUSTER_ISSUER }) }],
    ["the token as a parameter", { token: user("alice", { header: "?access_token" }) }],
    ["a user who says to be an agent", { ...GOOD, headers: { "x-agent-name": "a", "x-user-id": "victim" } }],
    [
      "a prefix that only the proxy understands",
      {
        token: user("alice", { before: "x Bearer " }),
        headers: { "x-agent-name": "a", "x-user-id": "v" },
      },
    ],
  ];
  for (const [what, sent] of refused)
    it(`refuses ${what}`, () => {
      assert.ok(!arrives(verified, entry, sent));
      assert.ok(!arrivesAtUi(verified, entry, sent));
    });

  it("accepts a good token, at the UI and at the controller", () => {
    assert.ok(arrives(verified, entry, GOOD) && arrivesAtUi(verified, entry, GOOD));
  });

  it("demands the claims that are written, each with one of its values", () => {
    const member = (...values: string[]) => ({
      token: user("alice", { claims: { groups: values } }),
    });
    assert.ok(arrives(groups, entry, member("others", "kagent-users")));
    assert.ok(!arrives(groups, entry, member("others")));
    assert.ok(!arrives(groups, entry, GOOD));
  });

  it("needs none of it without userAuth, and then believes whoever gets through", () => {
    const { oidc: _, ...rest } = base;
    const open = worldOf({ ...rest, userAuth: "none", cluster: { ...base.cluster, entry: [ENTRY] } });
    assert.ok(arrives(open, entry, {}));
    assert.ok(arrives(open, kagentPod("ui"), {}) || arrivesAtUi(open, entry, {}));
  });
});
