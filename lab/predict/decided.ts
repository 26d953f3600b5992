/** Cells that no real part decides: what passes there passes because nothing is in its way, whatever the graph says. */
import type { Topology } from "../../topology/index";
import { isGoverned } from "../actor";
import type { Mode, Question } from "../questions";
import { isMeshOpen } from "./shared";

export function isDecided(topology: Topology, question: Question, mode: Mode): boolean {
  const { from, to } = question;
  const byNetwork = isGoverned(topology, from) || isGoverned(topology, to);
  if (mode === "network") return byNetwork;
  if (mode === "all" && byNetwork) return true;
  if (question.kind !== "egress") return isGoverned(topology, to);
  // A sidecar knows every Service of the cluster, and everything else by what its namespace registers.
  return from.mesh === "sidecar" && to.service === undefined && !isMeshOpen(topology);
}
