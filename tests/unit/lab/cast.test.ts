import assert from "node:assert/strict";
import { byId, cast } from "../../../lab/cast";
import { modelId } from "../../../lab/outside";
import { requireAddresses, requireTopology } from "../../../lab/scenarios/preconditions";
import { assertSentences } from "../../support/cli";
import { devTopology, type Edit, SPECIALIST } from "../../support/dev";

const sentenceOf = (work: () => void): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return assert.fail("nothing was refused");
};

/** A second model, in the same range as the first. */
const inOneRange =
  (cidr: string): Edit =>
  (configuration) => {
    configuration.models.gpt.egress.cidrs = [cidr];
    configuration.models.other = {
      ...structuredClone(configuration.models.gpt),
      egress: { hosts: ["other.example.com"], cidrs: [cidr], port: 8443 },
    };
    configuration.agents[SPECIALIST].model = "other";
  };

describe("the lab's cast", () => {
  it("has one place for all that one address is", () => {
    const topology = devTopology(inOneRange("198.51.100.7/32"));
    const actors = cast(topology);
    const addresses = actors.flatMap(({ address }) => address ?? []);
    assert.equal(new Set(addresses).size, addresses.length);
    const models = topology.agents.map(({ model }) => byId(actors).get(modelId(model)));
    assert.equal(models[0], models[1]);
    assert.deepEqual(models[0]?.hosts, ["other.example.com", "api.openai.com"]);
    for (const port of [443, 8443]) assert.ok(models[0]?.tls.includes(port), String(port));
  });

  it("has places of their own for models in a range that is wide enough", () => {
    const topology = devTopology(inOneRange("198.51.100.0/24"));
    const all = byId(cast(topology));
    const [one, other] = topology.agents.map(({ model }) => all.get(modelId(model))?.address);
    assert.ok(one !== undefined && other !== undefined);
    assert.notEqual(one, other);
  });

  it("has somebody for everyone whom a policy names, in another namespace, with the same labels", () => {
    const actors = cast(devTopology());
    const named = ["team-alpha/orchestrator", SPECIALIST, "kagent/a2a-gateway", "kube-system/dns"];
    for (const id of [...named, "kagent/kagent-controller", "istio-system/istiod"]) {
      const labels = Object.entries(byId(actors).get(id)?.labels ?? assert.fail(id));
      const impostors = actors.filter(
        ({ namespace, labels: worn }) =>
          namespace === "lab-plain" && labels.every(([key, value]) => worn[key] === value),
      );
      assert.equal(impostors.length, 1, id);
    }
  });
});

describe("before the lab starts", () => {
  it("what a scenario needs of the topology is asked for, all at once", () => {
    const lonely = devTopology((configuration) => {
      configuration.delegations = [];
    });
    const sentence = sentenceOf(() =>
      requireTopology(lonely, ["matrix", "faults", "rotation", "verify", "runtimes"]),
    );
    assert.equal(sentence.split("\n").length, 3);
    assert.match(sentence, /^Faults, drift and the rotation need a delegation/);
    assertSentences(sentence);
    requireTopology(lonely, ["matrix", "mutations"]);
    requireTopology(devTopology(), ["faults", "rotation", "verify", "runtimes"]);
  });

  it("an address that the lab's own node has is refused", () => {
    const topology = devTopology(inOneRange("10.244.0.1/32"));
    assert.match(
      sentenceOf(() => requireAddresses(cast(topology))),
      /puts outside\/model-\w+ at 10\.244\.0\.1/,
    );
    requireAddresses(cast(devTopology()));
  });
});
