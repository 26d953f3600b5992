/** The smallest configuration in which every token and every route of one delegation could be mistaken for those of another. */
import { type Edit, ORCHESTRATOR, type Raw, SPECIALIST } from "./dev";

export const PLANNER = "team-gamma/planner";
export const ANALYST = "team-gamma/analyst";

/** Three teams; two callers that both call two callees; two generations of keys; a DNS domain of its own. */
export const twoByTwo: Edit = (configuration: Raw) => {
  configuration.tenants["team-gamma"] = { editors: ["team-gamma-developers"] };
  for (const id of [PLANNER, ANALYST])
    configuration.agents[id] = structuredClone(configuration.agents[SPECIALIST]);
  configuration.delegations = [ORCHESTRATOR, PLANNER].flatMap((from) =>
    [SPECIALIST, ANALYST].map((to) => ({ from, to })),
  );
  configuration.rotation = { current: "2", previous: "1" };
  configuration.cluster.clusterDomain = "corp.example";
  configuration.agents[ANALYST].model = "local";
  configuration.models.local = {
    provider: "Ollama",
    model: "small",
    parameters: { host: "http://ollama.models:11434" },
    egress: { pods: { namespace: "models", labels: { app: "ollama" } }, port: 11434 },
  };
};
