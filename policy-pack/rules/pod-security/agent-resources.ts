import { rule } from "../../framework/rule";
import { agents, deployment } from "../../reading/agents";

export const agentResources = rule({
  name: "pod-security-agent-resources",
  layer: "pod-security",
  severity: "medium",
  description: "Agents say what they request and what limits them, in processor time and memory.",
  why: "One agent without limits can starve every other pod of its node.",
  remediation: [
    "Write below spec.declarative.deployment:",
    "  resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {cpu: '1', memory: 1Gi}}",
  ],
  subjects: agents,
  *check(agent) {
    for (const bound of ["requests", "limits"])
      for (const resource of ["cpu", "memory"]) {
        const field = deployment(agent).at("resources", bound, resource);
        if (field.value === undefined || field.value === "") yield field.finding("is not set.");
      }
  },
});
