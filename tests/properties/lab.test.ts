/** The lab's two predictions come from different sources: the graph knows no manifest, the evaluators nothing else. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { cast } from "../../lab/cast";
import { byGraph, byManifests } from "../../lab/predict";
import { describe as inWords, isAsked, MODES, questions } from "../../lab/questions";
import { objectsFor } from "../../lab/scenarios/world";
import { Tokens } from "../../lab/tokens";
import { readTopology } from "../../topology";
import { Objects } from "../../verify/static/objects";
import { stacks } from "../support/platforms";
import { configurations } from "../support/topologies";

describe("what the lab expects", function () {
  this.timeout(5 * 60_000);

  it("is the same by the graph and by the manifests, for every question in every mode", () => {
    fc.assert(
      fc.property(stacks(), (raw) => {
        const topology = readTopology(raw);
        const tokens = new Tokens(topology, "password");
        const actors = cast(topology);
        const place = ({ id, address }: { id: string; address?: string }) =>
          address ?? `10.244.9.${actors.findIndex((actor) => actor.id === id)}`;
        const graph = byGraph(topology, tokens, place);
        const manifests = byManifests(topology, new Objects(objectsFor(topology, tokens)), tokens, place);
        for (const mode of MODES)
          for (const question of questions(topology)) {
            if (!isAsked(question, mode)) continue;
            const [wanted, found] = [graph(question, mode), manifests(question, mode)];
            assert.equal(found, wanted, `${inWords(question)}, decided by ${mode}`);
          }
      }),
      { numRuns: 40 },
    );
  });

  it("names every question differently, so that answers can be compared between runs", () => {
    fc.assert(
      fc.property(configurations(), (raw) => {
        const all = questions(readTopology(raw)).map(inWords);
        assert.equal(new Set(all).size, all.length);
      }),
      { numRuns: 60 },
    );
  });
});
