/** The planned objects of the shipped configuration. */
import { plan } from "../../components/plan/plan";
import { type Doc, Objects } from "../../verify/static/objects";
import { devTopology, type Edit } from "./dev";

export const devObjects = (edit?: Edit): Objects =>
  new Objects(plan(devTopology(edit)).map(({ manifest }) => manifest));

/** One object, which must be there. */
export function devObject(kind: string, id: string, edit?: Edit): Doc {
  const [namespace, name] = id.includes("/") ? id.split("/") : [undefined, id];
  const found = devObjects(edit)
    .all(kind)
    .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  if (found === undefined) throw new Error(`no ${kind} ${id} is planned`);
  return found;
}

export const routed =
  (routing: "gateway" | "direct"): Edit =>
  (configuration) => {
    configuration.routing = routing;
  };
