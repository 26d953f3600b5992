/** Fields of an Agent's `spec` that the program derives: configuration may not set them, admission refuses other values. */
interface GovernedPath {
  readonly path: readonly string[];
  readonly instead: string;
}

const deployment = (field: string, instead: string): GovernedPath => ({
  path: ["declarative", "deployment", field],
  instead,
});
const NOT_ALLOWED = "Remove it; admission refuses it in a tenant.";

export const GOVERNED_SPEC_PATHS: readonly GovernedPath[] = [
  { path: ["type"], instead: "Remove it; agents are Declarative." },
  { path: ["byo"], instead: "Remove it; a bring-your-own container is outside what the layers govern." },
  {
    path: ["skills"],
    instead: "Remove it; it needs a privileged container. The A2A card's skills are agents[].skills.",
  },
  { path: ["allowedNamespaces"], instead: "Remove it; it follows from delegations." },
  { path: ["description"], instead: "Use agents[].description." },
  {
    path: ["declarative", "runtime"],
    instead: "Remove it; only the Python runtime sends every call through the gateway.",
  },
  { path: ["declarative", "systemMessage"], instead: "Use agents[].systemMessage." },
  { path: ["declarative", "modelConfig"], instead: "Use agents[].model." },
  { path: ["declarative", "a2aConfig", "skills"], instead: "Use agents[].skills." },
  { path: ["declarative", "executeCodeBlocks"], instead: "Remove it; it needs a privileged container." },
  deployment("serviceAccountName", "Remove it; each agent has a service account of its own."),
  deployment("serviceAccountConfig", "Remove it; each agent has a service account of its own."),
  deployment("podSecurityContext", "Remove it; agents run under the restricted context."),
  deployment("securityContext", "Remove it; agents run under the restricted context."),
  deployment("replicas", "Use agents[].replicas."),
  deployment("resources", "Use agents[].resources."),
  deployment("extraContainers", NOT_ALLOWED),
  deployment(
    "imageRegistry",
    "Remove it; the image of all agents is platform.kagent.values: {controller: {agentImage: {registry}}}.",
  ),
];
