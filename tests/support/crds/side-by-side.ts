/** The same definition in two groups of one API server, and what each answers to the same object. */
import assert from "node:assert/strict";
import type { Crd } from "../../../sandbox/crds";
import { type Answer, DRY_RUN, type KubeApi, type KubeObject } from "../kube-api";
import type { CustomObject } from "./objects";

/** The same definition in the group `<prefix>.<group>`, so that several can be on one API server. */
export function inGroup(crd: Crd, prefix: string): Crd {
  const group = `${prefix}.${crd.spec.group}`;
  const { plural, kind, listKind, singular } = crd.spec.names;
  return {
    ...crd,
    metadata: { name: `${plural}.${group}` },
    // Short names and categories would be shared between the groups.
    spec: { ...crd.spec, group, names: { plural, kind, listKind, singular } },
  };
}

/** The object in group `<prefix>.<group>` and in a namespace that exists. */
export function placed(object: CustomObject, prefix: string): KubeObject {
  return {
    ...object,
    apiVersion: `${prefix}.${object.apiVersion}`,
    metadata: { ...object.metadata, namespace: "default" },
  };
}

/** What an API server makes of an object: why it refuses it, or what it would store. */
export interface Opinion {
  code: number;
  refusals: string[];
  spec: unknown;
}

/** Opinions on creating an object and on applying it; what names the group is left out. */
export async function opinions(api: KubeApi, object: CustomObject, prefix: string): Promise<Opinion[]> {
  const there = placed(object, prefix);
  const answers = await Promise.all([api.create(there, DRY_RUN), api.apply(there, DRY_RUN)]);
  return answers.map((answer) => ({
    code: answer.code,
    refusals: refusals(answer).map((text) => text.replaceAll(`${prefix}.`, "")),
    spec: answer.code < 300 ? answer.body.spec : undefined,
  }));
}

export async function assertSameOpinions(api: KubeApi, object: CustomObject, prefixes: [string, string]) {
  const [ours, theirs] = await Promise.all(prefixes.map((prefix) => opinions(api, object, prefix)));
  assert.ok(ours && theirs);
  assert.deepEqual(ours, theirs);
  return theirs;
}

/** Every reason of a refusal, in a fixed order. */
function refusals({ code, message, body }: Answer): string[] {
  if (code < 300) return [];
  const { causes = [] } = (body.details ?? {}) as { causes?: { field?: string; message: string }[] };
  return causes.length === 0
    ? [message]
    : causes
        // This one says that rules were not checked, which depends on what rules there are elsewhere.
        .filter(({ field }) => field !== "<nil>")
        .map(({ field, message }) => `${field}: ${message}`)
        .sort();
}
