/** The model: configuration, graph, and every name derived from it. Imports nothing of Pulumi. */
export * from "./api-keys.js";
export * from "./graph.js";
export * as istio from "./istio.js";
export * as kagent from "./kagent.js";
export * from "./labels.js";
export * from "./mermaid.js";
export * from "./names.js";
export * from "./problems.js";
export * from "./read.js";
export * from "./token.js";
