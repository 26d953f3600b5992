import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { callThroughGateway, GATEWAY, principalOf, type World } from "../../verify/static/calls";
import { authorize, type Token } from "../../verify/static/istio";
import { agentPod, tokenFor, tokensHeldBy } from "../../verify/static/kagent";
import { configurations } from "../support/topologies";
import { idOf, type Pair, pairsOf, worldOf } from "../support/world";

/** Graphs with the gateway and at least one delegation; `check` sees each declared pair with its own token. */
function forEachDelegation(check: (world: World, pair: Pair, token: Token, declared: Pair[]) => void) {
  const graphs = configurations()
    .map((raw): Record<string, unknown> => ({ ...raw, routing: "gateway" }))
    .filter(({ delegations }) => (delegations as unknown[]).length > 0);
  fc.assert(
    fc.property(graphs, (raw) => {
      const world = worldOf(raw);
      const [declared] = pairsOf(raw, world);
      for (const pair of declared) {
        const token = tokenFor(world.objects, pair.caller, pair.callee);
        assert.ok(token !== undefined);
        check(world, pair, token, declared);
      }
    }),
    { numRuns: 100 },
  );
}

describe("at the gateway a declared caller", () => {
  it("is refused without a token, and with a forged one", () => {
    forEachDelegation((world, { caller, callee, id }, token) => {
      const from = agentPod(caller);
      assert.equal(callThroughGateway(world, { from, to: callee }), "stopped by gateway", id);
      const forged = { ...token, genuine: false };
      assert.equal(callThroughGateway(world, { from, to: callee, token: forged }), "stopped by gateway", id);
    });
  });

  it("is refused with another caller's token for the same callee", () => {
    forEachDelegation((world, { caller, callee, id }, _token, declared) => {
      for (const other of declared) {
        if (other.callee !== callee || other.caller === caller) continue;
        const token = tokenFor(world.objects, other.caller, callee);
        const from = agentPod(caller);
        assert.equal(callThroughGateway(world, { from, to: callee, token }), "stopped by gateway", id);
      }
    });
  });

  it("is refused with its own token for another callee", () => {
    forEachDelegation((world, { caller, callee, id }, own) => {
      for (const token of tokensHeldBy(world.objects, caller)) {
        if (token.audience === own.audience) continue;
        const from = agentPod(caller);
        assert.equal(callThroughGateway(world, { from, to: callee, token }), "stopped by gateway", id);
      }
    });
  });

  it("is refused when it names another agent in x-kagent-host", () => {
    forEachDelegation((world, { caller, callee, id }, token) => {
      const others = world.agents.filter((agent) => agent !== callee);
      const hosts = others.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`);
      for (const host of [
        ...hosts,
        "nobody.nowhere",
        "",
        `${callee.metadata.name}.${callee.metadata.namespace}:8080`,
      ]) {
        const outcome = callThroughGateway(world, { from: agentPod(caller), to: callee, token, host });
        assert.equal(outcome, "stopped by gateway", `${id} as ${host}`);
      }
    });
  });

  it("is refused without mutual TLS", () => {
    forEachDelegation((world, { callee, id }, token) => {
      const headers = { "x-kagent-host": `${callee.metadata.name}.${callee.metadata.namespace}` };
      assert.equal(
        authorize(world.objects, { to: GATEWAY, port: 8083, token, headers }),
        "no mutual TLS",
        id,
      );
    });
  });

  it("is answered by nobody but the callee it names", () => {
    forEachDelegation((world, { caller, callee }, token) => {
      const stranger = world.agents.find((agent) => idOf(agent) !== idOf(callee)) ?? callee;
      const host = `${callee.metadata.name}.${callee.metadata.namespace}`;
      assert.equal(
        callThroughGateway(world, { from: agentPod(caller), to: stranger, token, host }),
        "answered",
      );
    });
  });
});

describe("at the callee", () => {
  it("the gateway itself is refused without the token of a declared caller", () => {
    forEachDelegation((world, { callee, id }, token, declared) => {
      const request = {
        to: agentPod(callee),
        port: 8080,
        principal: `${world.trustDomain}/ns/kagent/sa/a2a-gateway`,
      };
      assert.equal(authorize(world.objects, { ...request, token }), "allowed", id);
      assert.equal(authorize(world.objects, request), "denied", id);
      const callers = new Set(
        declared.filter((one) => one.callee === callee).map(({ caller }) => idOf(caller).replace("/", ".")),
      );
      for (const agent of world.agents) {
        const subject = idOf(agent).replace("/", ".");
        if (callers.has(subject)) continue;
        assert.equal(authorize(world.objects, { ...request, token: { ...token, subject } }), "denied", id);
      }
    });
  });

  it("a token that is made out to another agent, or by another issuer, is no token at all", () => {
    forEachDelegation((world, { caller, callee, id }, token) => {
      const atCallee = { to: agentPod(callee), port: 8080, principal: "any" };
      const atGateway = { to: GATEWAY, port: 8083, principal: principalOf(world, agentPod(caller)) };
      for (const request of [atCallee, atGateway])
        for (const wrong of [{ audience: "nobody.nowhere" }, { issuer: "https://elsewhere" }])
          assert.equal(
            authorize(world.objects, { ...request, token: { ...token, ...wrong } }),
            "token refused",
            id,
          );
    });
  });
});
