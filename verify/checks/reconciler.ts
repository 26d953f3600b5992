/** What the kagent controller made of the Agents. */
import type { Doc } from "../static/objects";
import { type Check, type Finding, fail, notAnswerable, pass } from "./check";

const CONDITIONS = ["Accepted", "Ready"] as const;

export function conditionOf({ status }: Doc, type: string): Doc | undefined {
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
        if (found.status.observedGeneration < found.metadata.generation)
          return fail(agent, "the controller has not looked at it since it was last changed");
        const bad = CONDITIONS.map((type) => [type, conditionOf(found, type)] as const).filter(
          ([, condition]) => condition?.status !== "True",
        );
        if (bad.length === 0) return pass(agent, CONDITIONS.join(", "));
        return fail(agent, bad.map(([type, one]) => `${type}: ${one?.message ?? "is not set"}`).join("; "));
      }),
};

export const reconciler: readonly Check[] = [accepted];
