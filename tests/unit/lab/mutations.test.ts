import assert from "node:assert/strict";
import { cast } from "../../../lab/cast";
import { byManifests } from "../../../lab/predict";
import { questions } from "../../../lab/questions";
import { EXPLAINED, type Explanation, explanationOf } from "../../../lab/scenarios/explained";
import { changedBy, mutated } from "../../../lab/scenarios/mutations";
import { type Mutation, mutationsOf } from "../../../lab/scenarios/operators";
import { KINDS, objectsFor } from "../../../lab/scenarios/world";
import { Tokens } from "../../../lab/tokens";
import type { Topology } from "../../../topology";
import { Objects } from "../../../verify/static/objects";
import { all, withUsers } from "../../support/configurations";
import { devTopology, type Edit } from "../../support/dev";
import { twoByTwo } from "../../support/lab-topology";

const direct: Edit = (configuration) => {
  configuration.routing = "direct";
};
const withMore = all(withUsers, (configuration) => {
  configuration.cluster.nodeCIDRs = ["192.0.2.0/24"];
  configuration.tenants["team-empty"] = { editors: ["nobody-yet"] };
});
const topology = devTopology();
const manifests = objectsFor(topology, new Tokens(topology, "password"));
const mutations = mutationsOf(manifests);

interface Effect {
  readonly mutation: Mutation;
  readonly isEffective: boolean;
  readonly explanation: Explanation | undefined;
}

/** Which mutations of a topology change a cell, and which none, by the evaluators. */
function effects(of: Topology): Effect[] {
  const tokens = new Tokens(of, "password");
  const actors = cast(of);
  const place = ({ id, address }: { id: string; address?: string }) =>
    address ?? `10.244.9.${actors.findIndex((actor) => actor.id === id)}`;
  const objects = objectsFor(of, tokens);
  const asked = questions(of);
  const predict = (some: typeof objects) => byManifests(of, new Objects(some), tokens, place);
  const before = predict(objects);
  return mutationsOf(objects).map((mutation) => {
    const changed = changedBy(mutation, asked, before, predict(mutated(objects, mutation)));
    return { mutation, isEffective: changed.length > 0, explanation: explanationOf(mutation, of) };
  });
}

describe("the lab's mutations", () => {
  it("each make something else of one object, under a name of its own", () => {
    assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
    for (const { name, original, mutant } of mutations) assert.notDeepEqual(mutant, original, name);
  });

  it("leave the objects themselves as they are", () => {
    assert.deepEqual(manifests, objectsFor(topology, new Tokens(topology, "password")));
  });

  it("cover every kind that the lab's parts decide about", () => {
    const kinds = new Set(mutations.map(({ original }) => original?.kind));
    const untouched = KINDS.filter((kind) => !kinds.has(kind));
    // A namespace is what its policies make of it. That hosts of models are known only by their entry, the matrix shows.
    assert.deepEqual(untouched, ["Namespace", "ServiceEntry"]);
  });

  describe("of the shipped stack, of two callers of two callees, and of a stack with users", () => {
    const edits = [() => {}, direct, twoByTwo, all(twoByTwo, direct), withMore];
    const results = edits.flatMap((edit) => effects(devTopology(edit)));
    const harmless = results.filter(({ isEffective }) => !isEffective);

    it("change a cell, or there is a reason why not", () => {
      const unexplained = harmless.filter(({ explanation }) => explanation === undefined);
      assert.deepEqual(
        unexplained.map(({ mutation }) => mutation.name),
        [],
      );
    });

    it("change a cell somewhere, whatever their sort, but for routes without a match, and what the gateway takes from nobody", () => {
      const sorts = (effectsOf: readonly Effect[]) => new Set(effectsOf.map(({ mutation }) => mutation.sort));
      const effective = sorts(results.filter(({ isEffective }) => isEffective));
      const never = [...sorts(results)].filter((sort) => !effective.has(sort));
      assert.deepEqual(never.sort(), [
        "add a foreign Gateway",
        "add a foreign VirtualService",
        "take any callee in VirtualService",
      ]);
    });

    it("need every reason that there is", () => {
      const used = new Set(harmless.map(({ explanation }) => explanation));
      assert.deepEqual(
        EXPLAINED.filter((explanation) => !used.has(explanation)),
        [],
      );
    });
  });
});
