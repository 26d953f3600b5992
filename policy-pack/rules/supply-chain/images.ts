import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { agents, deployment } from "../../reading/agents";
import { CORE } from "../../reading/kinds";
import { releases } from "../../reading/releases";
import { inGoverned } from "../../reading/scope";

function* places(stack: StackIndex): Iterable<Field> {
  for (const release of releases(stack)) yield release.at("values");
  for (const agent of agents(stack)) yield deployment(agent);
  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"])
    for (const object of inGoverned(stack, "apps", kind)) yield object.at("spec", "template", "spec");
  for (const pod of inGoverned(stack, CORE, "Pod")) yield pod.at("spec");
}

const FLOATING = /^(latest|main|master|edge|nightly|stable)$/;
const isFloatingImage = (text: string): boolean => {
  if (text.includes("@sha256:")) return false;
  const [, tag] = /:([\w.-]+)$/.exec(text) ?? [];
  return tag === undefined || FLOATING.test(tag);
};

/** Walks values: `image: repo:tag`, and `image: {repository, tag}` wherever they stand. */
function* images(field: Field): Iterable<Finding> {
  const { value } = field;
  if (Array.isArray(value)) for (const item of field.items()) yield* images(item);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [key, item] of field.entries()) {
    const text = item.value;
    // The chart's own default stands behind an empty text.
    if (key === "tag" && typeof text === "string" && FLOATING.test(text))
      yield item.finding("is no fixed version. Name one, or a digest.");
    else if (key === "image" && typeof text === "string" && text !== "" && isFloatingImage(text))
      yield item.finding("is no fixed version. Name a tag with a version, or a digest.");
    else yield* images(item);
  }
}

export const fixedImages = rule({
  name: "supply-chain-images",
  layer: "supply-chain",
  severity: "high",
  description: "Images name a version or a digest.",
  why: "`latest` is another image tomorrow, and nobody sees the change in a preview.",
  remediation: ["Write:", "  image: ghcr.io/kagent-dev/kagent/app:0.10.4"],
  subjects: places,
  check: images,
});
