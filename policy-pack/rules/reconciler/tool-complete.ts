import { KAGENT_API_GROUP } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { delegations } from "../../reading/agents";

export const toolComplete = rule({
  name: "reconciler-tool-complete",
  layer: "reconciler",
  severity: "medium",
  description: "A tool that is an agent says its type, and that it is an Agent of kagent.dev.",
  why: 'Without `type` the API server answers "no such key: type" (measured); another kind or group names something else that nobody checks.',
  remediation: [
    "Write:",
    "  - type: Agent",
    "    agent: {name: specialist, namespace: team-beta, kind: Agent, apiGroup: kagent.dev}",
  ],
  subjects: delegations,
  *check({ tool }) {
    if (tool.at("type").text() !== "Agent") yield tool.at("type").finding("must be Agent.");
    if (!["Agent", undefined].includes(tool.at("agent", "kind").text()))
      yield tool.at("agent", "kind").finding("must be Agent.");
    if (![KAGENT_API_GROUP, undefined].includes(tool.at("agent", "apiGroup").text()))
      yield tool.at("agent", "apiGroup").finding(`must be ${KAGENT_API_GROUP}.`);
  },
});
