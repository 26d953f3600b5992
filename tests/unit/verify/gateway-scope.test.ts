import assert from "node:assert/strict";
import { type Context, runCheck } from "../../../verify/checks/check";
import { gatewayScope } from "../../../verify/checks/mesh";
import { devTopology } from "../../support/dev";

describe("whether the gateway takes Gateways of its own namespace only", () => {
  const NAME = "PILOT_SCOPE_GATEWAY_TO_NAMESPACE";
  const pod = (name: string, env: readonly object[]) => ({
    metadata: { name },
    spec: { containers: [{ name: "discovery", env }] },
  });
  const pods = [
    pod("istiod-new", [{ name: NAME, value: "true" }]),
    pod("istiod-old", []),
    pod("istiod-odd", [{ name: NAME, valueFrom: {} }]),
  ];
  const found = async (routing: "direct" | "gateway", running: readonly object[] = pods) => {
    const topology = devTopology((c) => {
      c.routing = routing;
    });
    const context = { topology, cluster: { running: async () => running } } as unknown as Context;
    const results = await runCheck(gatewayScope, context);
    return results.map(({ subject, status, detail }) => [subject, status, detail]);
  };

  it("is asked of each istiod that runs", async () => {
    assert.deepEqual(await found("gateway"), [
      ["istiod-new", "pass", ""],
      [
        "istiod-old",
        "fail",
        `runs without ${NAME}=true: any namespace's Gateway could take the gateway's calls`,
      ],
      ["istiod-odd", "not answerable", `it does not say itself what ${NAME} is`],
    ]);
    assert.deepEqual(await found("gateway", []), []);
  });

  it("is nobody's question where there is no gateway", async () => {
    assert.deepEqual(await found("direct"), []);
  });
});
