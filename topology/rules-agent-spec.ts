/**
 * What `agents[].spec` may not say. It may tune an Agent, but what governs it is derived, and what admission or the CRD would refuse
 * in the middle of a deployment is refused here. To be read beside `components/layers/admission/agents.ts`.
 */
import { GOVERNED_SPEC_PATHS } from "./governed";
import { AGENT_ENV_REFUSED, AGENT_PROJECTIONS, AGENT_VOLUMES } from "./kagent";
import { asList, asMap, type Loose } from "./loose";
import type { Problem } from "./problems";
import { showPath } from "./shape";

type Path = readonly (string | number)[];
const DECLARATIVE = ["spec", "declarative"];
const DEPLOYMENT = [...DECLARATIVE, "deployment"];

const REFUSED = "Remove it; admission refuses it in a tenant.";

/** By these a pod leaves the mesh, steers its sidecar or its CNI plugin, or takes the place of others. */
const GOVERNING_KEYS = {
  labels: (key: string) => ["app", "kagent", "istio"].includes(key) || key.includes("istio.io"),
  annotations: (key: string) => key.includes("istio.io") || key.includes("cni."),
};

/** The entries of a list, each as a map and with where it stands. */
const entries = (list: unknown, path: Path): [entry: Loose, path: Path][] =>
  asList(list).map((entry, index) => [asMap(entry), [...path, index]]);

/** Every place in which an Agent can name a Secret, besides its API key's. */
function secretReferences(declarative: Loose): [name: unknown, path: Path][] {
  const deployment = asMap(declarative.deployment);
  const found: [unknown, Path][] = [];
  const refer = (reference: unknown, path: Path, key = "name") => {
    if (reference !== undefined) found.push([asMap(reference)[key], [...path, key]]);
  };
  for (const [entry, path] of entries(deployment.env, [...DEPLOYMENT, "env"]))
    refer(asMap(entry.valueFrom).secretKeyRef, [...path, "valueFrom", "secretKeyRef"]);
  for (const [entry, path] of entries(deployment.envFrom, [...DEPLOYMENT, "envFrom"]))
    refer(entry.secretRef, [...path, "secretRef"]);
  for (const [entry, path] of entries(deployment.imagePullSecrets, [...DEPLOYMENT, "imagePullSecrets"]))
    refer(entry, path);
  for (const [volume, path] of entries(deployment.volumes, [...DEPLOYMENT, "volumes"])) {
    refer(volume.secret, [...path, "secret"], "secretName");
    const sources = [...path, "projected", "sources"];
    for (const [source, inner] of entries(asMap(volume.projected).sources, sources))
      refer(source.secret, [...inner, "secret"]);
  }
  const prompts = [...DECLARATIVE, "promptTemplate", "dataSources"];
  for (const [source, path] of entries(asMap(declarative.promptTemplate).dataSources, prompts))
    if (source.kind === "Secret") refer(source, path);
  for (const [tool, path] of entries(declarative.tools, [...DECLARATIVE, "tools"]))
    for (const [header, inner] of entries(tool.headersFrom, [...path, "headersFrom"]))
      if (asMap(header.valueFrom).type === "Secret") refer(header.valueFrom, [...inner, "valueFrom"]);
  return found;
}

function toolProblems(tools: unknown, tenant: string, at: (path: Path) => string): Problem[] {
  const path = [...DECLARATIVE, "tools"];
  if (tools !== undefined && !Array.isArray(tools))
    return [
      { where: at(path), what: "must be a list.", fix: "Write the tools as a list, as in an Agent's spec." },
    ];
  return entries(tools, path).flatMap(([{ type, agent, mcpServer }, inner]): Problem[] => {
    if (type === "Agent" || agent !== undefined)
      return [
        {
          where: at(inner),
          what: "an agent as a tool is a delegation.",
          fix: "Write it below delegations, so that every layer knows it.",
        },
      ];
    if (type !== "McpServer" || mcpServer === undefined)
      return [
        {
          where: at(inner),
          what: "is no tool that an Agent takes.",
          fix: "Write type: McpServer, and the server below mcpServer.",
        },
      ];
    const { namespace = "" } = asMap(mcpServer);
    if (namespace === "" || namespace === tenant) return [];
    return [
      {
        where: at([...inner, "mcpServer", "namespace"]),
        what: `names namespace ${JSON.stringify(namespace)}, and a team's MCP servers are its own.`,
        fix: "Remove it, and put the server into the team's namespace.",
      },
    ];
  });
}

function podProblems(deployment: Loose, at: (path: Path) => string): Problem[] {
  const refuse = (what: string, fix: string, ...paths: Path[]): Problem[] =>
    paths.map((path) => ({ where: at([...DEPLOYMENT, ...path]), what, fix }));
  const keys = (["labels", "annotations"] as const).flatMap((field) =>
    Object.keys(asMap(deployment[field]))
      .filter(GOVERNING_KEYS[field])
      .map((key) => [field, key]),
  );
  const isRefused = (name: unknown) => new RegExp(AGENT_ENV_REFUSED).test(String(name));
  const variables = entries(deployment.env, ["env"])
    .filter(([{ name = "" }]) => isRefused(name))
    .map(([, path]) => [...path, "name"]);
  const prefixes = entries(deployment.envFrom, ["envFrom"])
    .filter(([{ prefix = "" }]) => isRefused(prefix))
    .map(([, path]) => [...path, "prefix"]);
  const volumes = entries(deployment.volumes, ["volumes"]).flatMap(([volume, path]) => [
    ...otherThan([...AGENT_VOLUMES, "name", "projected"], volume, path),
    ...entries(asMap(volume.projected).sources, [...path, "projected", "sources"]).flatMap((source) =>
      otherThan(AGENT_PROJECTIONS, ...source),
    ),
  ]);
  return [
    ...refuse("selects the agent's pods or steers their network.", REFUSED, ...keys),
    ...refuse(
      "would run code, or send users' tokens, as the team likes.",
      REFUSED,
      ...variables,
      ...prefixes,
    ),
    ...refuse(
      "is nothing that a team may give to its agents as files.",
      `Use ${AGENT_VOLUMES.join(", ")}, or projected from ${AGENT_PROJECTIONS.join(" and ")}; admission refuses others.`,
      ...volumes,
    ),
  ];
}

const otherThan = (known: readonly string[], entry: Loose, path: Path): Path[] =>
  Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map((key) => [...path, key]);

export function agentSpecProblems(id: string, settings: Loose): Problem[] {
  const [tenant = ""] = id.split("/");
  const at = (path: Path): string => showPath(["agents", id, ...path]);
  const spec = asMap(settings.spec);
  const declarative = asMap(spec.declarative);
  const deployment = asMap(declarative.deployment);
  const problems = GOVERNED_SPEC_PATHS.filter(
    ({ path }) => path.reduce<unknown>((value, step) => asMap(value)[step], spec) !== undefined,
  ).map(({ path, instead }) => ({
    where: at(["spec", ...path]),
    what: "is derived and cannot be set here.",
    fix: instead,
  }));
  problems.push(...toolProblems(declarative.tools, tenant, at));
  problems.push(...podProblems(deployment, at));
  const given = asList(settings.secrets).map(String);
  for (const [name = "", path] of secretReferences(declarative))
    if (!given.includes(String(name)))
      problems.push({
        where: at(path),
        what: `names the Secret ${JSON.stringify(name)}, which was not given to the agent.`,
        fix: `Add it to ${at(["secrets"])}, if the team itself put it there.`,
      });
  return problems;
}
