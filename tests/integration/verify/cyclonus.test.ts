import assert from "node:assert/strict";
import * as fc from "fast-check";
import { plan } from "../../../components/plan/plan";
import { obtain } from "../../../sandbox/binaries";
import { readTopology } from "../../../topology/index";
import { survey } from "../../../verify/static/ends";
import { connects, type Endpoint } from "../../../verify/static/network";
import { type Doc, Objects } from "../../../verify/static/objects";
import { outsideAddresses, portClasses } from "../../../verify/static/reach";
import { allowed, type Traffic } from "../../support/cyclonus";
import { mutated } from "../../support/policy-mutations";
import { orSkip } from "../../support/skip";
import { configurations } from "../../support/topologies";

const KINDS = ["Namespace", "NetworkPolicy"];
/** It tells each answer as a table; more of them take long. */
const MOST_QUESTIONS = 1_000;

const nameOf = ({ pod, address }: Endpoint) =>
  `${JSON.stringify(pod?.labels ?? {})} ${pod?.namespace ?? ""} ${address}`;
const described = ({ from, to, port, protocol }: Traffic) =>
  `${nameOf(from)} -> ${nameOf(to)} ${protocol}/${port}`;

describe("our evaluator of NetworkPolicies and cyclonus'", function () {
  this.timeout(300_000);
  let path: string;

  before(async function () {
    this.timeout(900_000);
    const { cyclonus } = await orSkip(this, () => obtain(["cyclonus"]));
    path = cyclonus.path;
  });

  /** Of all cells as many as it takes, the same for the same graph. Pods have the addresses that the proofs give them. */
  function agree(raw: Record<string, unknown>, seed: number | undefined): void {
    const topology = readTopology(raw);
    const planned: Doc[] = plan(topology).map(({ manifest }) => manifest);
    const manifests: Doc[] = JSON.parse(JSON.stringify(planned.filter(({ kind }) => KINDS.includes(kind))));
    const objects = new Objects(seed === undefined ? manifests : mutated(manifests, KINDS, seed));
    const pods: Endpoint[] = survey(topology, objects, []).ends.filter(
      ({ pod }) => pod !== undefined && !pod.isOpen,
    );
    const ends: Endpoint[] = [...pods, ...outsideAddresses(objects, []).map((address) => ({ address }))];
    const ports = portClasses(objects, []);
    const all: Traffic[] = ends.flatMap((from) =>
      ends.flatMap((to) =>
        from === to || (from.pod === undefined && to.pod === undefined)
          ? []
          : ports.map(({ port, protocol }) => ({ from, to, port, protocol })),
      ),
    );
    const step = Math.max(1, Math.ceil(all.length / MOST_QUESTIONS));
    const asked = all.filter((_, index) => (index + (seed ?? 0)) % step === 0);
    const theirs = allowed(path, objects, asked);
    for (const [index, traffic] of asked.entries())
      assert.equal(connects(objects, traffic), theirs[index], described(traffic));
  }

  it("agree on the policies of any graph", () => {
    fc.assert(
      fc.property(configurations(), (raw) => agree(raw, undefined)),
      { numRuns: 30 },
    );
  });

  it("agree on policies that were changed in any way", () => {
    fc.assert(
      fc.property(configurations(), fc.nat(), (raw, seed) => agree(raw, seed)),
      { numRuns: 60 },
    );
  });
});
