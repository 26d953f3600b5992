import { GATEWAY_PORT } from "../../../topology/istio";
import { AGENT_PORT, CONTROLLER_PORT, DATABASE_PORT, UI_PORT } from "../../../topology/kagent";
import { rule } from "../../framework/rule";
import { allowRules } from "../../reading/authorization";
import type { Workload } from "../../reading/workloads";

const PORTS: Readonly<Record<Workload["kind"], number>> = {
  agent: AGENT_PORT,
  controller: CONTROLLER_PORT,
  ui: UI_PORT,
  database: DATABASE_PORT,
  gateway: GATEWAY_PORT,
};

export const portsNamed = rule({
  name: "identity-ports-named",
  layer: "identity",
  severity: "high",
  description: "Rules that allow say the one port of the workload that they open.",
  why: "Without a port the controller's health port and its unauthenticated profiler are open too.",
  remediation: ["Write:", '  to: [{operation: {ports: ["8080"]}}]'],
  subjects: allowRules,
  *check({ view: { workload }, rule }) {
    if (typeof workload !== "object") return;
    const wanted = String(PORTS[workload.kind]);
    const operations = rule.at("to").items();
    if (operations.length === 0) yield rule.at("to").finding(`must name port ${wanted}.`);
    for (const to of operations) {
      const ports = to.at("operation", "ports");
      if (ports.texts().length !== 1 || ports.texts()[0] !== wanted)
        yield ports.finding(`must be port ${wanted} and no other.`);
    }
  },
});
