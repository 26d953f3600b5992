/** Where an object on the cluster differs from the planned one. */
import { EngineValue } from "../../components/plan/manifest";
import type { Doc } from "../static/objects";

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof EngineValue);

/** Planned values that only the engine knows are taken from the cluster: other checks judge them. */
export function resolved(planned: unknown, live: unknown): unknown {
  if (planned instanceof EngineValue) return live;
  if (Array.isArray(planned))
    return planned.map((item, index) => resolved(item, Array.isArray(live) ? live[index] : undefined));
  if (!isMap(planned)) return planned;
  return Object.fromEntries(
    Object.entries(planned).map(([key, value]) => [
      key,
      resolved(value, isMap(live) ? live[key] : undefined),
    ]),
  );
}

export interface Difference {
  readonly path: string;
  readonly planned: unknown;
  readonly live: unknown;
}

/** Where two values differ, outermost first. What is empty may be missing. */
export function differencesOf(planned: unknown, live: unknown, path = ""): Difference[] {
  if (isMap(planned) && isMap(live)) {
    const keys = [...new Set([...Object.keys(planned), ...Object.keys(live)])].sort();
    return keys.flatMap((key) =>
      differencesOf(planned[key], live[key], path === "" ? key : `${path}.${key}`),
    );
  }
  if (Array.isArray(planned) && Array.isArray(live) && planned.length === live.length)
    return planned.flatMap((item, index) => differencesOf(item, live[index], `${path}[${index}]`));
  return planned === live || (isEmpty(planned) && isEmpty(live)) ? [] : [{ path, planned, live }];
}

/** Paths at which two values differ. */
export const differences = (planned: unknown, live: unknown): string[] =>
  differencesOf(planned, live).map(({ path }) => path);

/** `1`, `0.5`, `1000m`, `2Gi`. */
const QUANTITY = /^(\d+(?:\.\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const POWERS = ["", "k", "M", "G", "T", "P", "E"];

function quantity(value: unknown): number | undefined {
  const [, number, suffix = ""] = QUANTITY.exec(String(value)) ?? [];
  if (number === undefined) return undefined;
  const small = ["n", "u", "m"].indexOf(suffix);
  if (small >= 0) return Number(number) / 1000 ** (3 - small);
  const base = suffix.endsWith("i") ? 1024 : 1000;
  const power = POWERS.findIndex((one) => one.toLowerCase() === suffix.replace("i", "").toLowerCase());
  return Number(number) * base ** power;
}

/** Whether the API server may have made it of what was planned: filled in what is left out, or written a quantity in another way. */
export function mayBeItsOwn({ planned, live }: Difference): boolean {
  if (isEmpty(planned)) return true;
  const wanted = quantity(planned);
  return wanted !== undefined && wanted === quantity(live);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0);

/** What an object says, without what the API server and controllers keep about it. */
export function content({ apiVersion: _v, kind, metadata: _m, status: _s, ...rest }: Doc): Doc {
  // A namespace's spec holds nothing but finalizers.
  return kind === "Namespace" ? {} : rest;
}

/** Prefixes of labels that decide what a namespace may do. */
const GOVERNING = ["kagent.dev/", "kagent-a2a/", "pod-security.kubernetes.io/", "istio-injection"];

/** Istio reads these on its own objects and others', and may leave out of account what bears one. */
const OF_ISTIO = /^([a-z0-9.-]+\.)?istio\.io\//;

/**
 * Labels that are missing or other than planned, and annotations of Istio's that are; also those of Istio's, and on a namespace
 * those that govern, which were not planned at all.
 */
export function metadataDifferences(planned: Doc, live: Doc): string[] {
  const governs = (key: string) =>
    OF_ISTIO.test(key) ||
    (planned.kind === "Namespace" && GOVERNING.some((prefix) => key.startsWith(prefix)));
  const differing = (field: "labels" | "annotations", isOurs: (key: string) => boolean) => {
    const wanted: Record<string, string> = planned.metadata[field] ?? {};
    const found: Record<string, string> = live.metadata[field] ?? {};
    return [...new Set([...Object.keys(wanted).filter(isOurs), ...Object.keys(found).filter(governs)])]
      .filter((key) => wanted[key] !== found[key])
      .map((key) => `metadata.${field}[${key}]`);
  };
  return [...differing("labels", () => true), ...differing("annotations", governs)];
}
