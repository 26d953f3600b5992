/** The model: configuration, graph, and every name derived from it. Imports nothing of Pulumi. */
export * from "./addresses";
export * from "./api-keys";
export * from "./cert-manager";
export * from "./difference";
export * from "./graph";
export * as istio from "./istio";
export * as kagent from "./kagent";
export * from "./labels";
export * from "./mermaid";
export * from "./names";
export * as pki from "./pki";
export * from "./platform";
export * from "./problems";
export * from "./read";
export * from "./stack-file";
export * from "./token";
export * from "./users";
export * as vault from "./vault";
