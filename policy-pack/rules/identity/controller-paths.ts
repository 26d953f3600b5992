import { AGENT_API_PATHS } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { allowRules, ownersIn, sources } from "../../reading/authorization";

const PATHS = new Set(AGENT_API_PATHS.flatMap((path) => [path, `${path}/*`]));

export const controllerPaths = rule({
  name: "identity-controller-paths",
  layer: "identity",
  severity: "critical",
  description: "Agents reach the session, task and memory APIs of the controller and nothing else of it.",
  why: "The same port serves the admin API, `/mcp` and every agent's A2A endpoint, without an authorizer (kagent 0.10). `/api/sessions*` also admits `/api/sessionsX`.",
  remediation: ["Write:", `  to: [{operation: {ports: ["8083"], paths: [${[...PATHS].join(", ")}]}}]`],
  subjects: (stack) =>
    [...allowRules(stack)].filter(
      ({ view }) => typeof view.workload === "object" && view.workload.kind === "controller",
    ),
  *check({ rule }, stack) {
    const forAgents = sources(rule)
      .flatMap((source) => ownersIn(stack, source))
      .some((owner) => typeof owner === "object" && owner.kind === "agent");
    if (!forAgents) return;
    const operations = rule.at("to").items();
    if (operations.length === 0) yield rule.at("to").finding("lets agents call every path. Name the paths.");
    for (const to of operations) {
      const paths = to.at("operation", "paths");
      if (paths.items().length === 0) yield paths.finding("lets agents call every path. Name the paths.");
      for (const path of paths.items())
        if (!PATHS.has(path.text() ?? "")) yield path.finding("is no path that agents need. Remove it.");
    }
  },
});
