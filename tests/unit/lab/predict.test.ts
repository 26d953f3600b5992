import assert from "node:assert/strict";
import { cast } from "../../../lab/cast";
import { ELSEWHERE, ELSEWHERE_ID } from "../../../lab/outside";
import { byGraph, byManifests, isDecided, type Place } from "../../../lab/predict";
import { isAsked, questions } from "../../../lab/questions";
import { objectsFor } from "../../../lab/scenarios/world";
import { Tokens } from "../../../lab/tokens";
import { Objects } from "../../../verify/static/objects";
import { devTopology, type Edit, ORCHESTRATOR } from "../../support/dev";

interface Asked {
  readonly to: string;
  readonly host: string;
}

/** What becomes of an agent's TLS connection to port 443: by the graph, and by the manifests. */
function egress({ to, host }: Asked, mode: "mesh" | "all", edit: Edit = () => {}): string[] {
  const topology = devTopology(edit);
  const tokens = new Tokens(topology, "password");
  const actors = cast(topology);
  const place: Place = ({ id, address }) =>
    address ?? `10.244.9.${actors.findIndex((actor) => actor.id === id)}`;
  const [asked] = questions(topology).filter(
    (question) =>
      question.kind === "egress" &&
      question.from.id === ORCHESTRATOR &&
      question.to.id === to &&
      question.host === host &&
      question.port === 443,
  );
  assert.ok(asked);
  const objects = new Objects(objectsFor(topology, tokens));
  return [byGraph(topology, tokens, place), byManifests(topology, objects, tokens, place)].map((predict) =>
    predict(asked, mode),
  );
}

const twice = (outcome: string): string[] => [outcome, outcome];
const elsewhere = { to: ELSEWHERE_ID, host: ELSEWHERE };
const modelElsewhere = { to: ELSEWHERE_ID, host: "api.openai.com" };
const elsewhereAtModel = { to: "outside/model-gpt", host: ELSEWHERE };

const open: Edit = (c) => {
  c.platform.outboundTraffic = "any";
};

describe("what the lab expects of a host that no model names", () => {
  it("is nothing where the mesh knows only what is registered, also at a model's address", () => {
    for (const mode of ["mesh", "all"] as const)
      for (const asked of [elsewhere, elsewhereAtModel])
        assert.deepEqual(egress(asked, mode), twice("cut off"));
  });

  it("is an answer where platform.outboundTraffic is any: addresses alone decide then", () => {
    assert.deepEqual(egress(elsewhere, "mesh", open), twice("answered by outside/elsewhere"));
    assert.deepEqual(egress(elsewhere, "all", open), twice("answered by outside/elsewhere"));
    const narrow: Edit = (c) => {
      open(c);
      c.models.gpt.egress.cidrs = ["198.51.100.0/24"];
    };
    assert.deepEqual(egress(elsewhere, "all", narrow), twice("no answer"));
  });
});

describe("what the lab expects of a model's name at another address", () => {
  it("is an answer of the model: the mesh looks the name up", () => {
    assert.deepEqual(egress(modelElsewhere, "all"), twice("answered by outside/model-gpt"));
  });

  it("is an answer of that address where the name has a wildcard, which nobody can look up", () => {
    const wildcard: Edit = (c) => {
      c.models.gpt.egress.hosts = ["*.openai.com"];
    };
    const asked = { to: ELSEWHERE_ID, host: "any.openai.com" };
    assert.deepEqual(egress(asked, "all", wildcard), twice("answered by outside/elsewhere"));
  });
});

describe("what the lab calls decided", () => {
  it("is what a policy or a sidecar has a say in", () => {
    const topology = devTopology();
    const undecided = (mode: "network" | "mesh" | "all") => [
      ...new Set(
        questions(topology)
          .filter((question) => isAsked(question, mode) && !isDecided(topology, question, mode))
          .map(({ from, to }) => `${from.id} ${to.id}`),
      ),
    ];
    assert.ok(undecided("network").includes("lab-plain/stranger outside/elsewhere"));
    assert.ok(undecided("mesh").includes(`${ORCHESTRATOR} lab-mesh/control`));
    assert.ok(!undecided("mesh").includes(`${ORCHESTRATOR} outside/elsewhere`));
    assert.ok(!undecided("all").some((ends) => ends.startsWith(ORCHESTRATOR)));
  });
});
