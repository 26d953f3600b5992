import { rule } from "../../framework/rule";
import { agents, deployment } from "../../reading/agents";

export const agentStaysInMesh = rule({
  name: "identity-agent-stays-in-mesh",
  layer: "identity",
  severity: "critical",
  description:
    "Agents set no label or annotation of Istio on their pods, and none of the labels that select them.",
  why: "`sidecar.istio.io/inject: false` or an excluded port takes the pod out of mTLS; another `app` or `kagent` label takes it out of every policy.",
  remediation: ["Remove the label or annotation from spec.declarative.deployment."],
  subjects: agents,
  *check(agent) {
    for (const [key, field] of deployment(agent).at("labels").entries())
      if (["app", "kagent", "istio"].includes(key) || key.includes("istio.io"))
        yield field.finding("selects the pod, or steers its sidecar. Remove it.");
    for (const [key, field] of deployment(agent).at("annotations").entries())
      if (key.includes("istio.io")) yield field.finding("steers the pod's sidecar. Remove it.");
  },
});
