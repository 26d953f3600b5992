import assert from "node:assert/strict";
import { contains, representatives } from "../../../../verify/static/addresses";
import { connects, type Endpoint, type Protocol } from "../../../../verify/static/network";
import { type Doc, NotUnderstood, Objects } from "../../../../verify/static/objects";

const pod = (namespace: string, labels: Record<string, string>, address = "10.0.0.1"): Endpoint => ({
  address,
  pod: { namespace, labels },
});
const namespace = (name: string, labels: Record<string, string> = {}): Doc => ({
  kind: "Namespace",
  metadata: { name, labels },
});
const policy = (spec: Doc): Doc => ({
  kind: "NetworkPolicy",
  metadata: { name: "policy", namespace: "here" },
  spec: { podSelector: {}, ...spec },
});

const HERE = pod("here", { app: "web" }, "10.0.0.1");
const THERE = pod("there", { app: "client" }, "10.0.0.2");
const OUTSIDE: Endpoint = { address: "203.0.113.9" };

/** Whether `from` reaches the pod in namespace `here` under one policy. */
function reaches(spec: Doc, from: Endpoint = THERE, port = 80, protocol: Protocol = "TCP"): boolean {
  const objects = new Objects([namespace("here"), namespace("there", { team: "b" }), policy(spec)]);
  return connects(objects, { from, to: HERE, port, protocol });
}
const from = (...peers: Doc[]) => ({ ingress: [{ from: peers }] });
const byTeam = (operator: string, ...values: string[]) =>
  from({
    namespaceSelector: {
      matchExpressions: [{ key: "team", operator, ...(values.length > 0 && { values }) }],
    },
  });

describe("NetworkPolicies", () => {
  it("isolate nobody whom no policy selects", () => {
    assert.ok(reaches({ podSelector: { matchLabels: { app: "other" } }, ingress: [] }));
    assert.ok(!reaches({ podSelector: { matchLabels: { app: "web" } }, ingress: [] }));
  });

  it("without policyTypes are about ingress, and about egress when they have egress rules", () => {
    assert.ok(!reaches({}));
    const out = (spec: Doc) =>
      connects(new Objects([namespace("here"), policy(spec)]), { from: HERE, to: OUTSIDE, port: 443 });
    assert.ok(out({}));
    assert.ok(!out({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] }));
    assert.ok(!out({ policyTypes: ["Egress"] }));
  });

  it("let everybody in by an empty rule, and nobody by an empty list", () => {
    assert.ok(reaches({ ingress: [{}] }));
    assert.ok(reaches({ ingress: [{}] }, OUTSIDE));
    assert.ok(!reaches({ ingress: [] }));
  });

  it("select namespaces by every operator", () => {
    assert.ok(reaches(byTeam("In", "a", "b")));
    assert.ok(!reaches(byTeam("In", "a")));
    assert.ok(reaches(byTeam("NotIn", "a")));
    assert.ok(!reaches(byTeam("NotIn", "b")));
    assert.ok(reaches(byTeam("Exists")));
    assert.ok(!reaches(byTeam("DoesNotExist")));
  });

  it("mean their own namespace by a pod selector alone, and both together by both", () => {
    const client = { matchLabels: { app: "client" } };
    assert.ok(!reaches(from({ podSelector: client })));
    assert.ok(reaches(from({ podSelector: client }), pod("here", { app: "client" })));
    assert.ok(reaches(from({ podSelector: client, namespaceSelector: {} })));
    assert.ok(!reaches(from({ podSelector: { matchLabels: { app: "x" } }, namespaceSelector: {} })));
    assert.ok(reaches(from({ podSelector: { matchLabels: { app: "x" } } }, { namespaceSelector: {} })));
  });

  it("leave out what an ipBlock excepts", () => {
    const block = from({ ipBlock: { cidr: "203.0.0.0/16", except: ["203.0.113.0/28"] } });
    assert.ok(!reaches(block, OUTSIDE));
    assert.ok(reaches(block, { address: "203.0.113.16" }));
    assert.ok(!reaches(block, { address: "203.1.0.0" }));
  });

  it("open a range of ports, and TCP where no protocol is named", () => {
    const ports = (...wanted: Doc[]) => ({ ingress: [{ ports: wanted }] });
    assert.ok(reaches(ports({ port: 8000, endPort: 8010 }), THERE, 8010));
    assert.ok(!reaches(ports({ port: 8000, endPort: 8010 }), THERE, 8011));
    assert.ok(!reaches(ports({ port: 53 }), THERE, 53, "UDP"));
    assert.ok(reaches(ports({ protocol: "UDP", port: 53 }), THERE, 53, "UDP"));
    assert.ok(reaches(ports({ protocol: "SCTP" }), THERE, 7, "SCTP"));
  });

  it("mean the port of a pod by its name, and nothing where that is not known", () => {
    const named = { ingress: [{ ports: [{ port: "http" }] }] };
    assert.throws(() => reaches(named), NotUnderstood);
    const objects = new Objects([namespace("here"), policy(named)]);
    const to: Endpoint = {
      address: "10.0.0.1",
      pod: { namespace: "here", labels: {}, namedPorts: { http: { port: 8080, protocol: "TCP" } } },
    };
    assert.ok(connects(objects, { from: THERE, to, port: 8080 }));
    assert.ok(!connects(objects, { from: THERE, to, port: 80 }));
  });

  it("are not guessed at when they say something new", () => {
    assert.throws(() => reaches({ ingress: [{ from: [{ serviceSelector: {} }] }] }), NotUnderstood);
    assert.throws(() => reaches({ ingress: [], priority: 1 }), NotUnderstood);
    assert.throws(() => reaches(byTeam("Like", "b")), NotUnderstood);
  });
});

describe("addresses", () => {
  it("are in a block from its first to its last", () => {
    assert.ok(contains("10.1.0.0/16", "10.1.255.255"));
    assert.ok(!contains("10.1.0.0/16", "10.2.0.0"));
    assert.ok(contains("fd00::/8", "fd12:3456::1"));
    assert.ok(!contains("0.0.0.0/0", "fd00::1"));
    assert.ok(contains("64:ff9b::/96", "64:ff9b::192.0.2.1"));
  });

  it("have one representative for each class that some blocks tell apart", () => {
    assert.deepEqual(representatives(["10.0.0.0/8", "10.1.0.0/16"]), [
      "0.0.0.0",
      "10.0.0.0",
      "10.1.0.0",
      "10.2.0.0",
      "11.0.0.0",
      "0:0:0:0:0:0:0:0",
    ]);
  });
});
