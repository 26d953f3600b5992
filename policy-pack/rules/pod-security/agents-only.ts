import { rule } from "../../framework/rule";
import { APPS, BATCH, CORE } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

/** What runs pods. */
const WORKLOADS: readonly (readonly [group: string, kind: string])[] = [
  [CORE, "Pod"],
  [CORE, "ReplicationController"],
  [APPS, "DaemonSet"],
  [APPS, "Deployment"],
  [APPS, "ReplicaSet"],
  [APPS, "StatefulSet"],
  [BATCH, "CronJob"],
  [BATCH, "Job"],
];

export const agentsOnly = rule({
  name: "pod-security-agents-only",
  layer: "pod-security",
  severity: "critical",
  description: "Nothing runs in governed namespaces beside Agents and what Helm releases install there.",
  why: "A pod can run as any service account of its namespace and mount any Secret: it is whichever agent it wants to be, with its tokens.",
  remediation: ["Run it in a namespace of its own, or as an Agent."],
  subjects: (stack) => WORKLOADS.flatMap(([group, kind]) => [...inGoverned(stack, group, kind)]),
  *check(workload) {
    yield workload.root.finding("runs beside the Agents, as whichever of them it names. Remove it.");
  },
});
