/** What the kagent controller made of the Agents. */
import { istio } from "../../topology/index";
import type { Doc } from "../static/objects";
import { type Check, type Finding, fail, notAnswerable, pass } from "./check";

const CONDITIONS = ["Accepted", "Ready"] as const;

function conditionOf({ status }: Doc, type: string): Doc | undefined {
  return (status?.conditions ?? []).find((condition: Doc) => condition.type === type);
}

const accepted: Check = {
  layer: "reconciler",
  title: "the agent is Accepted and Ready",
  run: async ({ planned, live }) =>
    planned
      .filter(({ layer }) => layer === "agents")
      .map(({ manifest, agent = "" }): Finding => {
        const found = live.find(manifest);
        if (found === undefined) return fail(agent, "the Agent is not on the cluster");
        if (found.status?.conditions === undefined)
          return notAnswerable(agent, "no kagent controller has looked at it; it needs one that runs");
        const bad = CONDITIONS.map((type) => [type, conditionOf(found, type)] as const).filter(
          ([, condition]) => condition?.status !== "True",
        );
        if (bad.length === 0) return pass(agent, CONDITIONS.join(", "));
        return fail(agent, bad.map(([type, one]) => `${type}: ${one?.message ?? "is not set"}`).join("; "));
      }),
};

const mesh: Check = {
  layer: "identity",
  title: "the mesh runs",
  run: async ({ live, cluster }) => {
    if (live.nodes === undefined)
      return [notAnswerable("istiod", "this user may not list nodes; grant it to have it checked")];
    if (live.nodes === 0)
      return [notAnswerable("istiod", "this cluster has no nodes: nothing runs that could enforce anything")];
    const pods = (await cluster.list("v1", "Pod")) ?? [];
    const running = pods.filter(
      ({ metadata, status }) =>
        metadata.namespace === istio.ISTIO_NAMESPACE &&
        metadata.labels?.app === istio.ISTIOD_LABELS.app &&
        status?.phase === "Running",
    );
    return running.length > 0
      ? [pass("istiod", `${running.length} running`)]
      : [
          fail(
            "istiod",
            `no istiod runs in ${istio.ISTIO_NAMESPACE}: no identity is proved and none is checked`,
          ),
        ];
  },
};

export const reconciler: readonly Check[] = [accepted, mesh];
