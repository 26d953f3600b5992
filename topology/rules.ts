/**
 * What the parts of a configuration must mean together. Works on a loose reading of the raw configuration,
 * so that these problems are reported together with problems of shape.
 */

import { asList, asMap, type Loose } from "./loose";
import {
  API_KEY_WRITERS,
  apiKeySecretName,
  isReservedNamespace,
  MAX_AGENT_NAME,
  MAX_MODEL_NAME,
  MAX_TENANT_NAME,
  RESERVED_NAMESPACES,
  serviceAccountName,
  tokenSecretName,
} from "./names";
import type { Problem } from "./problems";
import { agentSpecProblems } from "./rules-agent-spec";
import { delegationProblems, looseEdges, namesInTenant, shapeOfGraphProblems } from "./rules-graph";
import { modelParameterProblems } from "./rules-models";
import { openingProblems } from "./rules-openings";
import { platformProblems } from "./rules-platform";
import { environmentProblems } from "./rules-production";
import { resourceProblems } from "./rules-resources";
import { userProblems } from "./rules-users";
import { vaultProblems } from "./rules-vault";
import { showPath } from "./shape";

function dnsLabelProblem(where: string, kind: string, name: string, maximum: number): Problem[] {
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name))
    return [
      {
        where,
        what: `${JSON.stringify(name)} is no name for ${kind}.`,
        fix: "Use lower-case letters, digits and hyphens; begin with a letter, end with a letter or digit.",
      },
    ];
  if (name.length > maximum)
    return [
      {
        where,
        what: `the name has ${name.length} characters; ${kind} may have ${maximum}, because names derived from it must fit a label.`,
        fix: `Shorten it by ${name.length - maximum}.`,
      },
    ];
  return [];
}

function tenantProblems(tenants: Loose): Problem[] {
  if (Object.keys(tenants).length === 0)
    return [
      {
        where: "tenants",
        what: "the topology is empty: there is no tenant.",
        fix: "Add at least one team, for example `team-alpha: {}`, and an agent for it.",
      },
    ];
  return Object.keys(tenants).flatMap((name) => {
    const where = showPath(["tenants", name]);
    if (isReservedNamespace(name))
      return [
        {
          where,
          what: `${JSON.stringify(name)} is reserved for Kubernetes or the platform.`,
          fix: `Choose another name; reserved are ${RESERVED_NAMESPACES.join(", ")}.`,
        },
      ];
    return dnsLabelProblem(where, "a tenant", name, MAX_TENANT_NAME);
  });
}

function agentProblems(agents: Loose, tenants: Loose, models: Loose): Problem[] {
  if (Object.keys(agents).length === 0)
    return [
      {
        where: "agents",
        what: "the topology is empty: there is no agent.",
        fix: "Add at least one, keyed `<tenant>/<agent>`.",
      },
    ];
  return Object.entries(agents).flatMap(([id, settings]) => {
    const where = showPath(["agents", id]);
    const [tenant, name] = namesInTenant(id);
    const problems = dnsLabelProblem(where, "an agent", name, MAX_AGENT_NAME);
    if (tenant === "")
      problems.push({ where, what: "the key names no tenant.", fix: `Write it as <tenant>/${name}.` });
    else if (!(tenant in tenants))
      problems.push({
        where,
        what: `there is no tenant ${JSON.stringify(tenant)}.`,
        fix: `Add it below tenants, or use one of: ${Object.keys(tenants).sort().join(", ") || "(none)"}.`,
      });
    const { model } = asMap(settings);
    if (typeof model === "string" && !(model in models))
      problems.push({
        where: showPath(["agents", id, "model"]),
        what: `there is no model ${JSON.stringify(model)}.`,
        fix: `Define it below models, or use one of: ${Object.keys(models).sort().join(", ") || "(none)"}.`,
      });
    return [...problems, ...agentSpecProblems(id, asMap(settings))];
  });
}

/** kagent creates and overwrites objects named exactly like an agent; the program derives others from names. */
function collisionProblems(agents: Loose): Problem[] {
  const ours = new Map<string, string>();
  for (const [id, settings] of Object.entries(agents)) {
    const [tenant, name] = namesInTenant(id);
    ours.set(`${tenant}/${serviceAccountName(name)}`, `the service account of ${id}`);
    ours.set(`${tenant}/${tokenSecretName(name)}`, `the token Secret of ${id}`);
    const { model } = asMap(settings);
    if (typeof model === "string")
      for (const writer of API_KEY_WRITERS)
        ours.set(`${tenant}/${apiKeySecretName(model, writer)}`, `the API key Secret of model ${model}`);
    ours.set(`${tenant}/default`, "the namespace's default service account");
  }
  return Object.entries(agents).flatMap(([id, settings]) => {
    const owner = ours.get(id);
    const problems: Problem[] = [];
    if (owner !== undefined)
      problems.push({
        where: showPath(["agents", id]),
        what: `kagent gives its objects the agent's name, and ${owner} already has it.`,
        fix: "Rename the agent.",
      });
    const [tenant] = namesInTenant(id);
    asList(asMap(settings).secrets).forEach((secret, index) => {
      const key = `${tenant}/${String(secret)}`;
      if (!ours.has(key) && !(key in agents)) return;
      problems.push({
        where: showPath(["agents", id, "secrets", index]),
        what: `the Secret ${JSON.stringify(secret)} holds another object's credentials.`,
        fix: "Name only Secrets that the team itself put there; tokens and API keys are given by the program.",
      });
    });
    return problems;
  });
}

function rotationProblems(rotation: Loose): Problem[] {
  const { current = "1", previous } = rotation;
  if (previous === undefined || String(previous) !== String(current)) return [];
  return [
    {
      where: "rotation.previous",
      what: `is the same generation as rotation.current (${JSON.stringify(String(current))}).`,
      fix: "Give current a new name, or remove previous when the overlap is over.",
    },
  ];
}

/** Not written at all, or no map: a problem of shape, which is reported as such. */
const isMissing = (value: unknown): boolean =>
  typeof value !== "object" || value === null || Array.isArray(value);

export function meaningProblems(raw: Loose): Problem[] {
  const [tenants, agents, models] = [asMap(raw.tenants), asMap(raw.agents), asMap(raw.models)];
  const edges = looseEdges(asList(raw.delegations));
  return [
    ...(isMissing(raw.tenants) ? [] : tenantProblems(tenants)),
    ...(isMissing(raw.agents) ? [] : agentProblems(agents, tenants, models)),
    ...Object.keys(models).flatMap((name) =>
      dnsLabelProblem(showPath(["models", name]), "a model", name, MAX_MODEL_NAME),
    ),
    ...collisionProblems(agents),
    ...delegationProblems(edges, agents, tenants),
    ...shapeOfGraphProblems(edges, agents),
    ...rotationProblems(asMap(raw.rotation)),
    ...modelParameterProblems(models),
    ...resourceProblems(tenants, agents),
    ...openingProblems(raw),
    ...vaultProblems(raw),
    ...userProblems(raw),
    ...environmentProblems(raw),
    ...platformProblems(raw),
  ];
}
