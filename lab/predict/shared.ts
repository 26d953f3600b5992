/** What both predictions start from. */
import { istio, type Topology } from "../../topology/index";
import type { Actor } from "../actor";
import type { Outcome } from "../outcome";
import type { Mode, Question } from "../questions";

/** What becomes of the question's attempt, with these layers in force. */
export type Prediction = (question: Question, mode: Mode) => Outcome;
/** Where an actor is: pods get their addresses when the lab starts. */
export type Place = (actor: Actor) => string;

/** ALLOW_ANY: a sidecar passes on what it does not know. No object of the plan says so, but the release of istiod. */
export const isMeshOpen = ({ platform }: Topology): boolean => platform.outboundTraffic === "any";

/** Nobody proves an identity from outside of the mesh, nor from the gateway's pod past its proxy. */
export const identityOf = (
  { mesh, namespace, serviceAccount }: Actor,
  { cluster }: Topology,
): string | undefined =>
  mesh === "sidecar" ? istio.principal(cluster.trustDomain, namespace, serviceAccount) : undefined;

export const matches = (pattern: string, host: string): boolean =>
  pattern.startsWith("*") ? host.endsWith(pattern.slice(1)) : pattern === host;

/** Under which name DNS knows a place: of several the last, as the lab's DNS has it. */
export const placeOf = (actors: readonly Actor[], host: string): Actor | undefined =>
  actors.findLast(({ hosts }) => hosts.includes(host));
