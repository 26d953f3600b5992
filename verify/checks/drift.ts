/** Everything the stack declares is on the cluster, unchanged. */
import { isRelease } from "../../components/plan/manifest";
import type { PlannedObject } from "../../components/plan/plan";
import { type Cluster, MissingRight } from "../live/cluster";
import {
  content,
  differences,
  differencesOf,
  mayBeItsOwn,
  metadataDifferences,
  resolved,
} from "../live/difference";
import type { Live } from "../live/live";
import type { VerifyLayer } from "../result";
import type { Doc } from "../static/objects";
import { about, type Check, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { comparedRelease } from "./releases";

export const nameOf = ({ kind, metadata }: Doc): string =>
  `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;

const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** @param layer whose planned objects are compared */
function driftOf(layer: PlannedObject["layer"]): Check {
  return {
    layer,
    title: "what is declared exists unchanged",
    ...(layer === "agents" && { speaksOf: ["reconciler" as const] }),
    run: async ({ planned, live, cluster }) => {
      const objects = planned.filter((object) => object.layer === layer);
      const found = await forEach(objects, ({ manifest }) =>
        about(nameOf(manifest), () => compared(manifest, live, cluster)),
      );
      const same = found.filter(({ status }) => status === "pass").length;
      const others = found.filter(({ status }) => status !== "pass");
      return [...(same > 0 ? [pass("objects", `${same} of ${objects.length}`)] : []), ...others];
    },
  };
}

async function compared(manifest: Doc, live: Live, cluster: Cluster): Promise<Finding> {
  const subject = nameOf(manifest);
  if (isRelease(manifest)) return comparedRelease(manifest, cluster);
  if (!live.isServed(manifest.apiVersion, manifest.kind))
    return fail(
      subject,
      `the cluster serves no ${manifest.kind} of ${manifest.apiVersion}: the system that owns it is not installed`,
    );
  if (manifest.kind === "Secret") return comparedSecret(manifest, cluster);
  const found = live.find(manifest);
  if (found === undefined) return fail(subject, "is not on the cluster");
  if (found.metadata.deletionTimestamp !== undefined) return fail(subject, "is being deleted");
  const wanted = resolved(content(manifest), content(found));
  const labels = metadataDifferences(manifest, found);
  const all = differencesOf(wanted, content(found));
  // What was planned and is not so is a change, whatever this user may ask.
  let paths = all.filter((one) => !mayBeItsOwn(one)).map(({ path }) => path);
  if (paths.length === 0 && all.length > 0) {
    // The rest the API server may have made itself: it is asked.
    const { apiVersion, kind, metadata } = found;
    const answer = await cluster.wouldReplace({ apiVersion, kind, metadata, ...(wanted as object) });
    const mayNotAsk = answer.code === FORBIDDEN && / cannot update resource /.test(answer.message);
    if (answer.code < 300) paths = differences(content(answer.body), content(found));
    else if (!mayNotAsk) paths = all.map(({ path }) => path);
    else if (labels.length === 0)
      throw new MissingRight(`update ${kind} (dry run), which tells a default from a change`);
  }
  const changes = [...labels, ...paths];
  if (changes.length === 0) return pass(subject);
  const layer: VerifyLayer | undefined = paths.some((path) => path.startsWith("spec.allowedNamespaces"))
    ? "reconciler"
    : undefined;
  return { ...fail(subject, `differs at ${changes.slice(0, 5).join(", ")}`), ...(layer && { layer }) };
}

/** Keys and labels; what the values are worth is the token layer's to check. */
async function comparedSecret(manifest: Doc, cluster: Cluster): Promise<Finding> {
  const subject = nameOf(manifest);
  const { code, body, message } = await cluster.get(manifest);
  if (code === NOT_FOUND) return fail(subject, "is not on the cluster");
  if (code === FORBIDDEN) return notAnswerable(subject, "this user may not get secrets");
  if (code >= 300) return fail(subject, message);
  const keys = (data: object | undefined) => Object.keys(data ?? {}).sort();
  const [wanted, found] = [keys(manifest.stringData), keys(body.data)];
  if (differences(wanted, found).length > 0)
    return fail(subject, `holds the keys ${found.join(", ") || "(none)"} instead of ${wanted.join(", ")}`);
  if (body.type !== manifest.type) return fail(subject, `is of type ${body.type}`);
  const labels = metadataDifferences(manifest, body);
  return labels.length === 0 ? pass(subject) : fail(subject, `differs at ${labels.join(", ")}`);
}

export const drift = (layers: readonly PlannedObject["layer"][]): Check[] => layers.map(driftOf);
