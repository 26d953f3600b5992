import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { refusalsOf } from "../../components/engine/guard";
import { plan } from "../../components/plan/plan";
import { readTopology, type Topology } from "../../topology";
import { agreement } from "../../verify/static/agreement";
import { endsOf } from "../../verify/static/ends";
import { proveIdentity } from "../../verify/static/identity-proof";
import { connects } from "../../verify/static/network";
import { proveNetwork } from "../../verify/static/network-proof";
import { type Doc, Objects } from "../../verify/static/objects";
import { prove } from "../../verify/static/prove";
import { portClasses, Reach } from "../../verify/static/reach";
import { stacks } from "../support/platforms";
import { mutated } from "../support/policy-mutations";
import { configurations } from "../support/topologies";
import { reachability, worldOf } from "../support/world";

const planned = (topology: Topology): Doc[] => plan(topology).map(({ manifest }) => manifest);

describe("over any graph", () => {
  it("every proof holds, whatever of the platform is there already", () => {
    fc.assert(
      fc.property(stacks(), (raw) => {
        const topology = readTopology(raw);
        const { results } = prove(topology, new Objects(planned(topology)));
        assert.deepEqual(
          results.filter(({ status }) => status !== "pass"),
          [],
        );
        assert.equal(
          results.filter(({ layer }) => layer === "agreement").length,
          topology.delegations.length,
        );
      }),
      { numRuns: 150 },
    );
  });

  it("every rule of the policy pack holds, whatever of the platform is there already", () => {
    fc.assert(
      fc.property(stacks(), (raw) => {
        const topology = readTopology(raw);
        assert.deepEqual(refusalsOf(plan(topology), topology), []);
      }),
      { numRuns: 100 },
    );
  });

  it("the proof of requests finds the same delegations as trying each caller with every token on every way", () => {
    fc.assert(
      fc.property(configurations(), fc.nat(), (raw, seed) => {
        const topology = readTopology(raw);
        const objects = new Objects(mutated(planned(topology), ["AuthorizationPolicy"], seed));
        const world = { ...worldOf(raw), objects };
        const open = objects.filter(({ kind }) => kind !== "NetworkPolicy");
        const identity = proveIdentity(topology, objects);
        const network = proveNetwork(topology, new Objects(planned(topology)));
        const { delegations, disagreements } = agreement(topology, objects, { network, identity });
        const passed = new Set(delegations);
        for (const { delegation, allowedBy, refusedBy } of disagreements) {
          if (refusedBy.includes("identity")) passed.delete(delegation);
          if (allowedBy.includes("identity")) passed.add(delegation);
        }
        const tried = reachability({ ...world, objects: open });
        assert.deepEqual([...passed].sort(), [...tried].sort());
      }),
      { numRuns: 150 },
    );
  });
});

describe("over any NetworkPolicies", () => {
  it("the lookup finds exactly the connections that are open when each cell is asked for", () => {
    fc.assert(
      fc.property(configurations(), fc.nat(), (raw, seed) => {
        const topology = readTopology(raw);
        const objects = new Objects(mutated(planned(topology), ["NetworkPolicy", "Namespace"], seed));
        const ends = endsOf(topology, objects, []);
        const ports = portClasses(objects, []);
        // A handful of governed ends, against every end and every port.
        const governed = [...ends.keys()].filter((index) => ends[index]?.isGoverned);
        const about = new Set(governed.filter((_, position) => (position + seed) % 4 === 0));
        const found = new Set<string>();
        new Reach(objects, ends, ports).forEachOpen(about, (from, to, port) => {
          const cell = `${from} ${to} ${port}`;
          assert.ok(!found.has(cell), `${cell} was told twice`);
          found.add(cell);
        });
        for (const [from, source] of ends.entries())
          for (const [to, target] of ends.entries())
            for (const [port, { port: number, protocol }] of ports.entries()) {
              if (from === to || !(about.has(from) || about.has(to))) continue;
              assert.equal(
                found.has(`${from} ${to} ${port}`),
                connects(objects, { from: source, to: target, port: number, protocol }),
                `${source.name} -> ${target.name} ${protocol}/${number}`,
              );
            }
      }),
      { numRuns: 12 },
    );
  });
});
