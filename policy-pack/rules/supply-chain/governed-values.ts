import { isMap } from "../../../topology/loose";
import { GATEWAY_URL } from "../../../topology/names";
import { type ChartName, SYSTEM_CHARTS } from "../../../topology/platform";
import { isTunable } from "../../../topology/platform-tunable";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { gatewayWitness } from "../../reading/gateway";
import { isKnown, KNOWN_VALUES, type Known, type KnownTree } from "../../reading/known-values";
import { chartName, releases } from "../../reading/releases";

interface Subject {
  readonly release: StackObject;
  readonly chart: ChartName;
}

const CHARTS: readonly string[] = Object.values(SYSTEM_CHARTS).flat();
const isGoverned = (chart: string): chart is ChartName => CHARTS.includes(chart);

function* governedReleases(stack: StackIndex): Iterable<Subject> {
  for (const release of releases(stack)) {
    const chart = chartName(release);
    if (isGoverned(chart)) yield { release, chart };
  }
}

/** @param known what is known of the values at the path; undefined when nothing may be there */
function* judged(
  chart: ChartName,
  field: Field,
  path: readonly string[],
  known: Known | KnownTree | undefined,
): Iterable<Finding> {
  if (known !== undefined && isKnown(known)) {
    if (!known.fits(field.value))
      yield field.finding("is not what the layers rely on. Write what the stack writes.");
    return;
  }
  const { value } = field;
  if (value === undefined) return;
  if (isMap(value))
    for (const [key, item] of field.entries()) {
      const below = known !== undefined && Object.hasOwn(known, key) ? known[key] : undefined;
      yield* judged(chart, item, [...path, key], below);
    }
  else if (!isTunable(chart, path))
    yield field.finding("is none that the layers know, nor one that configuration may set. Remove it.");
}

function* missing(field: Field, known: KnownTree): Iterable<Finding> {
  for (const [key, part] of Object.entries(known)) {
    const item = field.at(key);
    if (!isKnown(part)) yield* missing(item, part);
    else if (part.isNeeded && !item.isPresent)
      yield item.finding("is missing: the chart's default is not what the layers rely on.");
  }
}

/** Where there is a gateway, calls go through it, and else to the callee itself. */
function* proxy(release: StackObject, stack: StackIndex): Iterable<Finding> {
  const field = release.at("values", "proxy", "url");
  const url = field.text() ?? "";
  if (url !== (gatewayWitness(stack) === undefined ? "" : GATEWAY_URL))
    yield field.finding(
      "must be the gateway's address where delegations go through it, and be empty where they do not.",
    );
}

export const governedValues = rule({
  name: "supply-chain-governed-values",
  layer: "supply-chain",
  severity: "critical",
  description: "Helm values that the layers rely on are those that the layers were made for.",
  why: "One value takes a pod out of the mesh, gives the mesh another root namespace, sends delegations elsewhere or installs objects that no rule sees.",
  remediation: [
    "Remove the value, or write what `npm run render` writes below releases/ for this chart. What may be set instead:",
    "  docs/configuration.md, below platform",
  ],
  subjects: governedReleases,
  *check({ release, chart }, stack) {
    const values = release.at("values");
    yield* judged(chart, values, [], KNOWN_VALUES[chart]);
    yield* missing(values, KNOWN_VALUES[chart]);
    if (chart === "kagent") yield* proxy(release, stack);
  },
});
