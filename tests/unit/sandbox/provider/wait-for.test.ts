import assert from "node:assert/strict";
import { parseWaitFor } from "../../../../sandbox/provider/kubernetes/wait-for";

const agent = {
  metadata: { generation: 2 },
  status: {
    observedGeneration: 2,
    phase: "Running",
    created: true,
    conditions: [
      { type: "Accepted", status: "True" },
      { type: "Ready", status: "False", reason: "Pulling", message: "no image" },
    ],
    ports: [{ name: "http", port: 8080 }],
  },
};

const missing = (annotation: string, object = agent) =>
  parseWaitFor(annotation).map((expectation) => expectation.missing(object));

describe("offline provider: pulumi.com/waitFor", () => {
  it("waits for a condition, True when nothing else is said", () => {
    assert.deepEqual(missing("condition=Accepted"), [undefined]);
    assert.deepEqual(missing("condition=ready"), ["condition ready is False (Pulling: no image)"]);
    assert.deepEqual(missing("condition=Ready=False"), [undefined]);
    assert.deepEqual(missing("condition=Programmed"), ["there is no condition Programmed"]);
  });

  it("does not take a condition of an older generation for an answer", () => {
    const changed = { ...agent, metadata: { generation: 3 } };
    assert.deepEqual(missing("condition=Accepted", changed), [
      "condition Accepted is of an older generation",
    ]);
  });

  it("waits for a value or for its presence by path", () => {
    assert.deepEqual(missing("jsonpath={.status.phase}=Running"), [undefined]);
    assert.deepEqual(missing("jsonpath={.status.created}=true"), [undefined]);
    assert.deepEqual(missing("jsonpath={.status.phase}=Done"), [".status.phase is Running"]);
    assert.deepEqual(missing("jsonpath={.status.nothing}"), ["there is no .status.nothing"]);
    assert.deepEqual(missing("jsonpath={ $.status.ports[0].port }=8080"), [undefined]);
    assert.deepEqual(missing(`jsonpath={.status['phase']}=Running`), [undefined]);
    assert.deepEqual(missing(`jsonpath={.status.conditions[?(@.type=="Ready")].status}=False`), [undefined]);
    assert.deepEqual(missing("jsonpath={.status.ports}=1"), [".status.ports is not a plain value"]);
  });

  it("waits for all of a list", () => {
    assert.deepEqual(missing('["condition=Accepted","jsonpath={.status.phase}=Done"]'), [
      undefined,
      ".status.phase is Running",
    ]);
  });

  it("refuses what it does not understand", () => {
    assert.throws(() => parseWaitFor("Ready"), /expected a "jsonpath=" or "condition=" prefix, got "Ready"/);
    assert.throws(() => parseWaitFor("[]"), /at least one condition/);
    assert.throws(() => parseWaitFor("jsonpath=.status"), /format should be/);
    assert.throws(() => parseWaitFor("jsonpath={.status..x}"), /is not understood at "\.\.x"/);
  });
});
