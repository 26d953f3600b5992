import { rule } from "../../framework/rule";
import { agents, isAgentTool, tools } from "../../reading/agents";
import { looksLikeKey, namesCredential } from "../../reading/secrets";

export const headerByReference = rule({
  name: "secrets-header-by-reference",
  layer: "secrets",
  severity: "critical",
  description: "Headers that carry a token take it from a Secret.",
  why: "A literal in an Agent is readable by everyone who may read Agents, and by the audit log, which keeps their bodies.",
  remediation: [
    "Write:",
    "  headersFrom:",
    "    - name: X-Agent-Token",
    "      valueFrom: {type: Secret, name: orchestrator-a2a-tokens, key: team-beta.specialist}",
  ],
  subjects: agents,
  *check(agent) {
    for (const tool of tools(agent))
      for (const header of tool.at("headersFrom").items()) {
        const name = header.at("name").text() ?? "";
        const literal = header.at("value").text();
        const sensitive =
          isAgentTool(tool) || namesCredential(name) || (literal !== undefined && looksLikeKey(literal));
        if (!sensitive) continue;
        if (header.at("value").isPresent)
          yield header.at("value").finding("holds a literal. Refer to a Secret with valueFrom.");
        if (header.at("valueFrom", "type").text() !== "Secret")
          yield header.at("valueFrom", "type").finding("must be Secret.");
      }
  },
});
