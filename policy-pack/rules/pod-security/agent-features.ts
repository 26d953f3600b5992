import { rule } from "../../framework/rule";
import { agents, declarative, deployment } from "../../reading/agents";

export const agentFeatures = rule({
  name: "pod-security-agent-features",
  layer: "pod-security",
  severity: "critical",
  description: "Agents use nothing that needs a privileged container or a container of their own choice.",
  why: "`skills` and `executeCodeBlocks` make the agent's container privileged (kagent 0.10); extra containers and host paths escape what the layers govern.",
  remediation: [
    "Remove spec.skills, spec.declarative.executeCodeBlocks, spec.declarative.deployment.extraContainers and volumes of type hostPath.",
    "The skills on the A2A card are spec.declarative.a2aConfig.skills.",
  ],
  subjects: agents,
  *check(agent) {
    const skills = agent.object.at("spec", "skills");
    if (skills.isPresent) yield skills.finding("makes the container privileged. Remove it.");
    const execute = declarative(agent).at("executeCodeBlocks");
    if (execute.flag() === true) yield execute.finding("makes the container privileged. Remove it.");
    const extra = deployment(agent).at("extraContainers");
    if (extra.items().length > 0) yield extra.finding("adds containers to the agent's pod. Remove it.");
    for (const volume of deployment(agent).at("volumes").items())
      for (const source of ["hostPath", "csi"])
        if (volume.at(source).isPresent)
          yield volume.at(source).finding("reaches outside the pod. Remove it.");
  },
});
