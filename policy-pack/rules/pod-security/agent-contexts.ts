import { rule } from "../../framework/rule";
import { agents, deployment } from "../../reading/agents";

export const agentContexts = rule({
  name: "pod-security-agent-contexts",
  layer: "pod-security",
  severity: "high",
  description: "Agents set the security contexts that `restricted` asks for.",
  why: "kagent 0.10 sets none by default: the pod is refused, or runs as root where the namespace admits it.",
  remediation: [
    "Write below spec.declarative.deployment:",
    "  podSecurityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}",
    "  securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}",
  ],
  subjects: agents,
  *check(agent) {
    const pod = deployment(agent).at("podSecurityContext");
    const container = deployment(agent).at("securityContext");
    for (const context of [pod, container])
      if (context.at("runAsNonRoot").flag() !== true)
        yield context.at("runAsNonRoot").finding("must be true.");
    if (pod.at("seccompProfile", "type").text() !== "RuntimeDefault")
      yield pod.at("seccompProfile", "type").finding("must be RuntimeDefault.");
    if (!["RuntimeDefault", undefined].includes(container.at("seccompProfile", "type").text()))
      yield container.at("seccompProfile", "type").finding("must be RuntimeDefault, or be left out.");
    if (container.at("allowPrivilegeEscalation").flag() !== false)
      yield container.at("allowPrivilegeEscalation").finding("must be false.");
    if (!container.at("capabilities", "drop").texts().includes("ALL"))
      yield container.at("capabilities", "drop").finding("must list ALL.");
    if (container.at("capabilities", "add").items().length > 0)
      yield container.at("capabilities", "add").finding("adds capabilities. Remove it.");
    if (container.at("privileged").flag() === true)
      yield container.at("privileged").finding("makes the container privileged. Remove it.");
  },
});
