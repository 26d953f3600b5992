import { SIDECAR_UID } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { agents, deployment } from "../../reading/agents";

export const agentIds = rule({
  name: "pod-security-agent-ids",
  layer: "pod-security",
  severity: "critical",
  description: `Agents run neither as root nor under the sidecar's uid and gid ${SIDECAR_UID}.`,
  why: "Traffic of the sidecar's own uid and gid is not redirected to it: such a pod speaks past mTLS and authorization (Istio 1.31).",
  remediation: [
    "Write below spec.declarative.deployment.podSecurityContext:",
    "  runAsUser: 65532",
    "  runAsGroup: 65532",
    "  fsGroup: 65532",
  ],
  subjects: agents,
  *check(agent) {
    for (const context of ["podSecurityContext", "securityContext"]) {
      const at = deployment(agent).at(context);
      for (const key of ["runAsUser", "runAsGroup", "fsGroup"]) {
        const id = at.at(key).number();
        if (id === SIDECAR_UID || id === 0)
          yield at.at(key).finding(`must be neither 0 nor ${SIDECAR_UID}. Write 65532.`);
      }
      for (const group of at.at("supplementalGroups").items())
        if ([0, SIDECAR_UID].includes(group.number() ?? -1))
          yield group.finding(`must be neither 0 nor ${SIDECAR_UID}. Remove it.`);
    }
  },
});
