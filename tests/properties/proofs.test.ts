import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { refusalsOf } from "../../components/engine/guard";
import { plan } from "../../components/plan/plan";
import { type Agent, readTopology, type Topology } from "../../topology";
import { agreement } from "../../verify/static/agreement";
import { survey } from "../../verify/static/ends";
import { proveIdentity } from "../../verify/static/identity-proof";
import { connects } from "../../verify/static/network";
import { proveNetwork } from "../../verify/static/network-proof";
import { type Doc, Objects } from "../../verify/static/objects";
import { prove } from "../../verify/static/prove";
import { portClasses, Reach } from "../../verify/static/reach";
import { devTopology } from "../support/dev";
import { stacks } from "../support/platforms";
import { ADDED, ADDED_BESIDES, mutated, PEERS, TOKENLESS } from "../support/policy-mutations";
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
      { numRuns: 80 },
    );
  });
});

describe("one rule more than the graph has", () => {
  /** Every agent has a policy of its own. */
  const policyOf = (objects: readonly Doc[], { tenant, name }: Agent): Doc =>
    objects.find(
      ({ kind, metadata }) =>
        kind === "AuthorizationPolicy" && metadata.namespace === tenant && metadata.name === `agent-${name}`,
    );
  const found = (topology: Topology, objects: readonly Doc[]) =>
    prove(topology, new Objects(objects)).results.filter(
      ({ layer, status }) => layer === "identity" && status === "fail",
    );
  /** The plan, with the policy of one agent changed. */
  function changed(topology: Topology, agent: Agent, change: (policy: Doc) => void): Doc[] {
    const objects = planned(topology);
    const copy = structuredClone(policyOf(objects, agent));
    change(copy);
    return objects.map((one) => (one === policyOf(objects, agent) ? copy : one));
  }

  it("is noticed, whoever it lets through", () => {
    fc.assert(
      fc.property(
        configurations(),
        fc.constantFrom(...ADDED, ...ADDED_BESIDES),
        fc.nat(),
        (raw, rule, seed) => {
          const topology = readTopology(raw);
          const agent = topology.agents[seed % topology.agents.length] as Agent;
          assert.notDeepEqual(
            found(
              topology,
              changed(topology, agent, ({ spec }) => {
                spec.rules = [...(spec.rules ?? []), rule];
              }),
            ),
            [],
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("is noticed where it only seems to ask for a token", () => {
    fc.assert(
      fc.property(configurations(), fc.constantFrom(...TOKENLESS), (raw, condition) => {
        const topology = readTopology(raw);
        const callee = topology.delegations[0]?.callee;
        fc.pre(callee !== undefined);
        const objects = changed(topology, callee, ({ spec }) => {
          delete spec.rules[0].from[0].source.requestPrincipals;
          spec.rules[0].when = [condition];
        });
        assert.notDeepEqual(found(topology, objects), []);
      }),
      { numRuns: 60 },
    );
  });

  it("is no proof where it names methods or hosts, of which not every one is tried", () => {
    const topology = devTopology();
    for (const field of ["methods", "notMethods", "hosts", "notHosts"]) {
      const rule = { to: [{ operation: { [field]: ["x"] } }] };
      const [one] = found(
        topology,
        changed(topology, topology.agents[0] as Agent, ({ spec }) => {
          spec.rules = [...(spec.rules ?? []), rule];
        }),
      );
      assert.match(one?.detail ?? "", /names methods or hosts.*nothing can be proved/);
    }
  });
});

describe("over any NetworkPolicies", () => {
  it("one peer more than the graph has is noticed, whoever it is", () => {
    fc.assert(
      fc.property(
        configurations(),
        fc.constantFrom(...PEERS),
        fc.constantFrom("ingress", "egress"),
        fc.nat(),
        (raw, peer, side, seed) => {
          const topology = readTopology(raw);
          const { tenant, name } = topology.agents[seed % topology.agents.length] as Agent;
          const objects = planned(topology).map((one) => {
            const { kind, metadata, spec } = one;
            if (
              kind !== "NetworkPolicy" ||
              metadata.namespace !== tenant ||
              metadata.name !== `agent-${name}`
            )
              return one;
            const rule = { [side === "ingress" ? "from" : "to"]: [peer], ports: [{ port: 9999 }] };
            return { ...one, spec: { ...spec, [side]: [...(spec[side] ?? []), rule] } };
          });
          assert.notDeepEqual(proveNetwork(topology, new Objects(objects)).differences, []);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("the lookup finds exactly the connections that are open when each cell is asked for", () => {
    fc.assert(
      fc.property(configurations(), fc.nat(), (raw, seed) => {
        const topology = readTopology(raw);
        const { ends, objects } = survey(
          topology,
          new Objects(mutated(planned(topology), ["NetworkPolicy", "Namespace"], seed)),
          [],
        );
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
