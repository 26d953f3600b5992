import assert from "node:assert/strict";
import { cast } from "../../../lab/cast";
import { byGraph, byManifests, type Place } from "../../../lab/predict";
import { type Question, questions } from "../../../lab/questions";
import { objectsFor } from "../../../lab/scenarios/world";
import { Tokens } from "../../../lab/tokens";
import { Objects } from "../../../verify/static/objects";
import { devTopology, type Edit, ORCHESTRATOR } from "../../support/dev";

/** What an agent gets from a host that no model names, on any port: by the graph, and by the manifests. */
function elsewhere(mode: "mesh" | "all", edit: Edit = () => {}): boolean[] {
  const topology = devTopology(edit);
  const tokens = new Tokens(topology, "password");
  const actors = cast(topology);
  const place: Place = ({ id, address }) =>
    address ?? `10.244.9.${actors.findIndex((actor) => actor.id === id)}`;
  const isMeant = ({ kind, from, to, port }: Question) =>
    kind === "egress" && from.id === ORCHESTRATOR && to.id === "outside/elsewhere" && port === 443;
  const asked = questions(topology).filter(isMeant);
  const objects = new Objects(objectsFor(topology, tokens));
  return [byGraph(topology, tokens, place), byManifests(topology, objects, tokens, place)].flatMap(
    (predict) => asked.map((question) => predict(question, mode)),
  );
}

const open: Edit = (c) => {
  c.platform.outboundTraffic = "any";
};

describe("what the lab expects of a host that no model names", () => {
  it("is nothing where the mesh knows only what is registered", () => {
    assert.deepEqual(elsewhere("mesh"), [false, false]);
    assert.deepEqual(elsewhere("all"), [false, false]);
  });

  it("is an answer where platform.outboundTraffic is any: addresses alone decide then", () => {
    assert.deepEqual(elsewhere("mesh", open), [true, true]);
    assert.deepEqual(elsewhere("all", open), [true, true]);
    const narrow: Edit = (c) => {
      open(c);
      c.models.gpt.egress.cidrs = ["198.51.100.0/24"];
    };
    assert.deepEqual(elsewhere("all", narrow), [false, false]);
  });
});
