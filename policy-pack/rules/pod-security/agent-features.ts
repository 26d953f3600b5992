import { AGENT_ENV_REFUSED, AGENT_PROJECTIONS, AGENT_VOLUMES } from "../../../topology/kagent";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import { agents, declarative, deployment } from "../../reading/agents";

const REFUSED_NAME = new RegExp(AGENT_ENV_REFUSED);
const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

function* files(deployment: Field): Iterable<Finding> {
  for (const volume of deployment.at("volumes").items())
    for (const [type, source] of volume.entries()) {
      if (type === "name" || isOneOf(AGENT_VOLUMES, type)) continue;
      if (type !== "projected") yield source.finding("is no volume that an agent may have. Remove it.");
      else
        for (const part of source.at("sources").items())
          for (const [kind, field] of part.entries())
            if (!isOneOf(AGENT_PROJECTIONS, kind))
              yield field.finding("may not be projected into an agent. Remove it.");
    }
}

function* environment(deployment: Field): Iterable<Finding> {
  const names = [
    ...deployment
      .at("env")
      .items()
      .map((entry) => entry.at("name")),
    ...deployment
      .at("envFrom")
      .items()
      .map((entry) => entry.at("prefix")),
  ];
  for (const name of names)
    if (REFUSED_NAME.test(name.text() ?? ""))
      yield name.finding("steers what the agent's container runs, or where it sends tokens. Remove it.");
}

export const agentFeatures = rule({
  name: "pod-security-agent-features",
  layer: "pod-security",
  severity: "critical",
  description:
    "Agents use nothing that needs a privileged container, and no image or code of their own choice.",
  why: "`skills` and `executeCodeBlocks` make the agent's container privileged, `imageRegistry` chooses its image (kagent 0.10); files of its own with PYTHONPATH run in it, and extra containers, host paths and other networks escape what the layers govern.",
  remediation: [
    "Remove spec.skills, spec.declarative.executeCodeBlocks, and of spec.declarative.deployment: imageRegistry, extraContainers, volumes of other types than",
    "configMap, emptyDir, persistentVolumeClaim, secret and projected, variables such as PYTHONPATH, and annotations of CNI plugins.",
    "The registry of all agents' images is controller.agentImage.registry in the values of chart kagent.",
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
    const registry = deployment(agent).at("imageRegistry");
    if ((registry.text() ?? "") !== "") yield registry.finding("chooses the agent's image. Remove it.");
    yield* files(deployment(agent));
    yield* environment(deployment(agent));
    for (const [key, field] of deployment(agent).at("annotations").entries())
      if (key.includes("cni.")) yield field.finding("steers the pod's network. Remove it.");
  },
});
