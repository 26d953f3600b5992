import assert from "node:assert/strict";
import { mutationsOf } from "../../../lab/scenarios/operators";
import { KINDS, objectsFor } from "../../../lab/scenarios/world";
import { Tokens } from "../../../lab/tokens";
import { devTopology } from "../../support/dev";

const topology = devTopology();
const manifests = objectsFor(topology, new Tokens(topology, "password"));
const mutations = mutationsOf(manifests);

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
});
