import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { callDirectly, delegate } from "../../verify/static/calls";
import { admissionDeclares, agentPod, controllerAllows, tokensHeldBy } from "../../verify/static/kagent";
import { configurations } from "../support/topologies";
import { idOf, type Pair, pairsOf, reachability, withoutKind, worldOf } from "../support/world";

const runs = { numRuns: 150 };

describe("in any graph", () => {
  it("every delegation is allowed by admission, reconciler, network, identity and token", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        const [declared] = pairsOf(raw, world);
        for (const { caller, callee, id } of declared) {
          assert.ok(admissionDeclares(world.objects, caller, callee), `admission: ${id}`);
          assert.ok(controllerAllows(world.objects, caller, callee), `reconciler: ${id}`);
          assert.equal(delegate(world, caller, callee), "answered", id);
        }
      }),
      runs,
    );
  });

  it("nothing else is: admission refuses it", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        for (const { caller, callee, id } of pairsOf(raw, world)[1])
          assert.ok(!admissionDeclares(world.objects, caller, callee), id);
      }),
      runs,
    );
  });

  it("nothing else is: the controller refuses references from namespaces without a caller", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        const [declared, undeclared] = pairsOf(raw, world);
        const calledFrom = ({ caller, callee }: Pair) => `${caller.metadata.namespace} -> ${idOf(callee)}`;
        const open = new Set(declared.map(calledFrom));
        for (const pair of undeclared) {
          const { caller, callee, id } = pair;
          if (caller.metadata.namespace === callee.metadata.namespace) continue;
          assert.equal(controllerAllows(world.objects, caller, callee), open.has(calledFrom(pair)), id);
        }
      }),
      runs,
    );
  });

  it("nothing else is: the network refuses a connection to the agent", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        const [declared, undeclared] = pairsOf(raw, world);
        const refused = world.routing === "gateway" ? [...declared, ...undeclared] : undeclared;
        for (const { caller, callee, id } of refused)
          assert.equal(callDirectly(world, { from: agentPod(caller), to: callee }), "stopped by network", id);
      }),
      runs,
    );
  });

  it("nothing else is, even when every token is stolen by everybody", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        const declared = pairsOf(raw, world)[0].map(({ id }) => id);
        assert.deepEqual([...reachability(world)].sort(), declared.sort());
      }),
      runs,
    );
  });

  it("nothing else is by identity alone, were there no network policy at all", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = withoutKind(worldOf(raw), "NetworkPolicy");
        const declared = pairsOf(raw, world)[0].map(({ id }) => id);
        assert.deepEqual([...reachability(world)].sort(), declared.sort());
      }),
      runs,
    );
  });

  it("an agent holds exactly the tokens of its own delegations", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const world = worldOf(raw);
        const [declared] = pairsOf(raw, world);
        for (const agent of world.agents) {
          const { namespace, name } = agent.metadata;
          const held = tokensHeldBy(world.objects, agent).map(
            ({ subject, audience }) => `${subject} -> ${audience}`,
          );
          const due = declared
            .filter(({ caller }) => caller === agent)
            .map(
              ({ callee }) => `${namespace}.${name} -> ${callee.metadata.namespace}.${callee.metadata.name}`,
            );
          assert.deepEqual(held.sort(), due.sort());
        }
      }),
      runs,
    );
  });
});
