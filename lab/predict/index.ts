/**
 * What the answer to a question should be: by the graph, which knows no manifest, and by the evaluators of `verify/`, which
 * know nothing but manifests. The lab holds the real parts against both.
 */
export { isDecided } from "./decided";
export { byGraph } from "./graph";
export { byManifests } from "./manifests";
export type { Place, Prediction } from "./shared";
