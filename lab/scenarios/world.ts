/** What every scenario works with: the stage, the objects that are in force on it, and the questions. */

import { JWKS_VALUE } from "../../components/layers/token";
import { type Manifest, replaceEngineValues } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import type { Topology } from "../../topology/index";
import { Objects } from "../../verify/static/objects";
import type { Actor } from "../actor";
import { Matrix } from "../matrix";
import { byGraph, byManifests, type Prediction } from "../predict";
import { type Question, questions } from "../questions";
import type { Stage } from "../stage/stage";
import type { Tokens } from "../tokens";

/** Kinds whose meaning the lab's parts decide. Admission, RBAC and the Agents themselves belong to an API server with kagent. */
export const KINDS = [
  "Namespace",
  "NetworkPolicy",
  "ServiceEntry",
  "AuthorizationPolicy",
  "RequestAuthentication",
  "PeerAuthentication",
  "Gateway",
  "VirtualService",
  "DestinationRule",
] as const;

/** The program's objects for the lab, with the lab's public keys in them. */
export function objectsFor(topology: Topology, tokens: Tokens): Manifest[] {
  return plan(topology)
    .map(({ manifest }) => manifest)
    .filter(({ kind }) => (KINDS as readonly string[]).includes(kind))
    .map(
      (manifest) =>
        replaceEngineValues(manifest, ({ name }) => {
          if (name !== JWKS_VALUE.name) throw new Error(`the lab has no value ${name}`);
          return tokens.jwks();
        }) as Manifest,
    );
}

export interface World {
  readonly topology: Topology;
  readonly stage: Stage;
  readonly tokens: Tokens;
  readonly manifests: readonly Manifest[];
  readonly questions: readonly Question[];
  readonly matrix: Matrix;
  readonly note: (text: string) => void;
}

export function worldOf(
  topology: Topology,
  stage: Stage,
  tokens: Tokens,
  note: (text: string) => void,
): World {
  const asked = questions(topology);
  return {
    topology,
    stage,
    tokens,
    manifests: objectsFor(topology, tokens),
    questions: asked,
    matrix: new Matrix(stage, tokens, asked),
    note,
  };
}

const placeOn = (stage: Stage) => (actor: Actor) => stage.addresses.pod(actor.id);

export const graphOf = ({ topology, tokens, stage }: World): Prediction =>
  byGraph(topology, tokens, placeOn(stage));

/** @param manifests what is in force, if not what the program made */
export const evaluatorsOf = (
  { topology, tokens, stage, manifests: own }: World,
  manifests: readonly Manifest[] = own,
): Prediction => byManifests(topology, new Objects(manifests), tokens, placeOn(stage));
