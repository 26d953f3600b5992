import assert from "node:assert/strict";
import { authorize, mtlsMode, type Request, type Token } from "../../../../verify/static/istio";
import { type Doc, NotUnderstood, Objects } from "../../../../verify/static/objects";

const WORKLOAD = { namespace: "here", labels: { app: "web" } };
const ALICE = "cluster.local/ns/there/sa/alice";

const object = (
  kind: string,
  spec: Doc,
  namespace = "here",
  name = "one",
  creationTimestamp?: string,
): Doc => ({
  kind,
  metadata: { name, namespace, creationTimestamp },
  spec,
});
const policy = (spec: Doc, namespace?: string) => object("AuthorizationPolicy", spec, namespace);
const verdict = (objects: Doc[], request: Partial<Request> = {}) =>
  authorize(new Objects(objects), { to: WORKLOAD, port: 8080, principal: ALICE, ...request });
const source = (fields: Doc) => ({ rules: [{ from: [{ source: fields }] }] });

describe("authorization", () => {
  it("allows everything without a policy, and nothing by an empty one", () => {
    assert.equal(verdict([]), "allowed");
    assert.equal(verdict([policy({})]), "denied");
    assert.equal(verdict([policy({ rules: [{}] })]), "allowed");
  });

  it("denies before it allows", () => {
    const deny = policy({ action: "DENY", ...source({ principals: [ALICE] }) });
    assert.equal(verdict([deny, policy({ rules: [{}] })]), "denied");
    assert.equal(verdict([deny], { principal: "cluster.local/ns/there/sa/bob" }), "allowed");
  });

  it("opens nothing by policies that only audit or ask elsewhere", () => {
    for (const action of ["AUDIT", "CUSTOM"])
      assert.equal(verdict([policy({}), policy({ action, rules: [{}] })]), "denied");
  });

  it("covers by selector, in its own namespace, and everywhere from Istio's own", () => {
    const other = { selector: { matchLabels: { app: "other" } } };
    assert.equal(verdict([policy(other)]), "allowed");
    assert.equal(verdict([policy({}, "elsewhere")]), "allowed");
    assert.equal(verdict([policy({}, "istio-system")]), "denied");
  });

  it("matches principals, namespaces and service accounts, with their counterparts", () => {
    const allows = (fields: Doc) => verdict([policy(source(fields))]) === "allowed";
    assert.ok(allows({ principals: ["cluster.local/ns/there/*"] }));
    assert.ok(allows({ principals: ["*/sa/alice"] }));
    assert.ok(allows({ namespaces: ["there"] }));
    assert.ok(allows({ serviceAccounts: ["there/alice"] }));
    assert.ok(!allows({ notPrincipals: [ALICE] }));
    assert.ok(!allows({ namespaces: ["there"], notNamespaces: ["th*"] }));
    assert.throws(() => allows({ serviceAccounts: ["alice"] }), NotUnderstood);
  });

  it("matches paths exactly, by prefix, suffix and template", () => {
    const allows = (pattern: string, path: string) =>
      verdict([policy({ rules: [{ to: [{ operation: { paths: [pattern] } }] }] })], { path }) === "allowed";
    assert.ok(allows("/api", "/api") && !allows("/api", "/api/"));
    assert.ok(allows("/api/*", "/api/") && !allows("/api/*", "/api"));
    assert.ok(allows("*/card", "/a/card"));
    assert.ok(allows("/a/{*}/c", "/a/b/c") && !allows("/a/{*}/c", "/a/b/b/c"));
    assert.ok(allows("/a/{**}", "/a/b/c") && !allows("/a.{*}", "/aXb"));
  });

  it("is as if a policy were not there that is logged only, and not known of one for some istiod", () => {
    const dryRun = { ...policy({}), metadata: { ...policy({}).metadata } };
    dryRun.metadata.annotations = { "istio.io/dry-run": "true" };
    assert.equal(verdict([dryRun]), "allowed");
    assert.equal(verdict([dryRun, policy({})]), "denied");
    const revision = {
      ...policy({}),
      metadata: { name: "one", namespace: "here", labels: { "istio.io/rev": "x" } },
    };
    assert.throws(() => verdict([revision]), /AuthorizationPolicy here\/one is for one revision of istiod/);
  });

  it("is not guessed at when a rule asks for something new", () => {
    assert.throws(() => verdict([policy(source({ trustDomains: ["x"] }))]), NotUnderstood);
    assert.throws(
      () => verdict([policy({ rules: [{ when: [{ key: "request.weather", values: ["fine"] }] }] })]),
      NotUnderstood,
    );
    assert.throws(() => verdict([policy({ targetRefs: [], rules: [{}] })]), NotUnderstood);
  });
});

describe("mutual TLS", () => {
  const peer = (mode: string, rest: Doc = {}, namespace = "here", name = "one", created?: string) =>
    object("PeerAuthentication", { mtls: { mode }, ...rest }, namespace, name, created);
  const mode = (...objects: Doc[]) => mtlsMode(new Objects(objects), WORKLOAD, 8080);
  const selector = { selector: { matchLabels: { app: "web" } } };

  it("is permissive where nobody says", () => assert.equal(mode(), "PERMISSIVE"));
  it("is what the workload says, then the namespace, then the mesh", () => {
    assert.equal(mode(peer("STRICT", {}, "istio-system")), "STRICT");
    assert.equal(mode(peer("STRICT", {}, "istio-system"), peer("PERMISSIVE")), "PERMISSIVE");
    assert.equal(mode(peer("STRICT"), peer("DISABLE", selector)), "DISABLE");
    assert.equal(mode(peer("STRICT"), peer("UNSET", selector)), "STRICT");
  });
  it("is by port where a workload's policy names the port", () => {
    const byPort = { ...selector, portLevelMtls: { 8080: { mode: "PERMISSIVE" } } };
    assert.equal(mode(peer("STRICT", byPort)), "PERMISSIVE");
  });
  it("is the older one's of two for a namespace", () => {
    const [old, young] = ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
    assert.equal(
      mode(peer("STRICT", {}, "here", "b", old), peer("DISABLE", {}, "here", "a", young)),
      "STRICT",
    );
  });
  it("is the older one's alone: what that leaves open comes from the mesh, not from the younger one", () => {
    const [old, young] = ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
    const two = [peer("UNSET", {}, "here", "b", old), peer("STRICT", {}, "here", "a", young)];
    assert.equal(mode(...two), "PERMISSIVE");
    assert.equal(mode(...two, peer("STRICT", {}, "istio-system")), "STRICT");
  });
  it("is the namespace's by an empty selector, and nobody's by a selector in the mesh's own namespace", () => {
    const [old, young] = ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"];
    const empty = peer("STRICT", { selector: {} }, "here", "a", young);
    assert.equal(mode(peer("DISABLE", {}, "here", "b", old), empty), "DISABLE");
    assert.equal(mode(peer("STRICT"), peer("DISABLE", selector, "istio-system")), "STRICT");
  });
  it("proves nobody's identity when it is switched off", () => {
    const objects = [peer("DISABLE"), policy(source({ principals: ["*"] }))];
    assert.equal(verdict(objects), "denied");
  });
});

describe("tokens", () => {
  const user: Token = {
    issuer: "https://id.example.com",
    subject: "ada",
    audience: "kagent",
    genuine: true,
    header: "authorization",
  };
  const rule = (fields: Doc = {}) =>
    object("RequestAuthentication", {
      jwtRules: [{ issuer: user.issuer, audiences: ["kagent"], ...fields }],
    });
  const needed = policy(source({ requestPrincipals: [`${user.issuer}/*`] }));

  it("are looked for in Authorization unless the rule names a place", () => {
    assert.equal(verdict([rule(), needed], { token: user }), "allowed");
    assert.equal(verdict([rule({ fromHeaders: [{ name: "X-Other" }] }), needed], { token: user }), "denied");
  });
  it("that are not valid are refused even where none is needed; a missing one passes", () => {
    assert.equal(verdict([rule()], { token: { ...user, genuine: false } }), "token refused");
    assert.equal(verdict([rule()], { token: { ...user, audience: "other" } }), "token refused");
    assert.equal(verdict([rule()]), "allowed");
    assert.equal(verdict([rule(), needed]), "denied");
  });
});
