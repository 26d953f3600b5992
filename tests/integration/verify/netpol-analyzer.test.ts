import assert from "node:assert/strict";
import * as fc from "fast-check";
import { plan } from "../../../components/plan/plan";
import { readTopology } from "../../../topology/index";
import { survey } from "../../../verify/static/ends";
import { connects, type Endpoint } from "../../../verify/static/network";
import { type Doc, Objects } from "../../../verify/static/objects";
import { outsideAddresses, portClasses } from "../../../verify/static/reach";
import { Analysis, isIpv4, obtainAnalyzer } from "../../support/netpol-analyzer";
import { mutated } from "../../support/policy-mutations";
import { foundOrSkip } from "../../support/skip";
import { configurations } from "../../support/topologies";

const KINDS = ["Namespace", "NetworkPolicy"];

/** Our pods get IPv6 addresses: the analyzer holds no `ipBlock` against a pod, and is given IPv4 blocks only. */
function comparable(manifests: readonly Doc[]): Doc[] {
  const copies: Doc[] = JSON.parse(JSON.stringify(manifests.filter(({ kind }) => KINDS.includes(kind))));
  for (const { spec } of copies)
    for (const [direction, side] of [
      ["ingress", "from"],
      ["egress", "to"],
    ] as const)
      for (const rule of spec?.[direction] ?? [])
        if (rule[side])
          rule[side] = rule[side].filter(({ ipBlock }: Doc) => ipBlock === undefined || isIpv4(ipBlock.cidr));
  // A rule whose peers all went would mean everybody.
  for (const { spec } of copies)
    for (const [direction, side] of [
      ["ingress", "from"],
      ["egress", "to"],
    ] as const)
      if (spec?.[direction])
        spec[direction] = spec[direction].filter(
          (rule: Doc) => rule[side] === undefined || rule[side].length > 0,
        );
  return copies;
}

describe("our evaluator of NetworkPolicies and np-guard's", function () {
  this.timeout(240_000);
  let path: string;

  before(async function () {
    this.timeout(600_000);
    path = foundOrSkip(this, await obtainAnalyzer());
  });

  function agree(raw: Record<string, unknown>, seed: number | undefined): void {
    const topology = readTopology(raw);
    const manifests = comparable(plan(topology).map(({ manifest }) => manifest));
    const objects = new Objects(seed === undefined ? manifests : mutated(manifests, KINDS, seed));
    const pods: Endpoint[] = survey(topology, objects, [])
      .ends.filter(({ pod }) => pod !== undefined && !pod.isOpen)
      .map(({ pod, address: _address }, index) => ({
        address: `fd99::${(index + 1).toString(16)}`,
        ...(pod && { pod: { namespace: pod.namespace, labels: pod.labels } }),
      }));
    const namespaces = new Set(pods.flatMap(({ pod }) => pod?.namespace ?? []));
    const known = new Set(objects.all("Namespace").map(({ metadata }) => metadata.name));
    const others = [...namespaces].filter((name) => !known.has(name));
    const analysis = new Analysis(
      path,
      [
        ...objects.manifests.map((one) =>
          one.kind === "Namespace"
            ? { ...one, metadata: { ...one.metadata, labels: objects.namespaceLabels(one.metadata.name) } }
            : one,
        ),
        ...others.map((name) => ({
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name, labels: objects.namespaceLabels(name) },
        })),
      ],
      pods,
    );
    const outside = outsideAddresses(objects, []).filter((address) => address.includes("."));
    const ends: (number | string)[] = [...pods.keys(), ...outside];
    const endpoint = (end: number | string): Endpoint =>
      typeof end === "number" ? (pods[end] as Endpoint) : { address: end };
    const ports = portClasses(objects, []);
    for (const from of ends)
      for (const to of ends) {
        if (from === to || (typeof from === "string" && typeof to === "string")) continue;
        for (const { port, protocol } of ports) {
          const ours = connects(objects, { from: endpoint(from), to: endpoint(to), port, protocol });
          const theirs = analysis.connects(from, to, port, protocol, pods);
          assert.equal(
            ours,
            theirs,
            `${JSON.stringify(endpoint(from))} -> ${JSON.stringify(endpoint(to))} ${protocol}/${port}`,
          );
        }
      }
  }

  it("agree cell by cell on the policies of any graph", () => {
    fc.assert(
      fc.property(configurations(), (raw) => agree(raw, undefined)),
      { numRuns: 30 },
    );
  });

  it("agree cell by cell on policies that were changed in any way", () => {
    fc.assert(
      fc.property(configurations(), fc.nat(), (raw, seed) => agree(raw, seed)),
      { numRuns: 60 },
    );
  });
});
