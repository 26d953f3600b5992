/** Random valid configurations, as they stand below `kagent-a2a:` in a stack file, and the API keys they ask for. */
import * as fc from "fast-check";
import type { Topology } from "../../topology/index";
import { all, withExternalDatabase, withUsers, withVault } from "./configurations";

/** Small pools, so that names repeat across tenants, begin with one another, and sound like parts of the program. */
const TENANTS = ["team-alpha", "team-beta", "a", "a-b", "network", "token", "platform", "kagenta"];
const AGENTS = ["orchestrator", "specialist", "a", "a-b", "b", "gateway", "controller", "z9"];
const MODELS = ["gpt", "gpt-4", "local"];
const MAX_AGENTS = 8;

const cidr = fc.constantFrom("10.1.0.0/16", "192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32");
const cidrs = fc.uniqueArray(cidr, { maxLength: 2 });
/** Models are nowhere where the cluster itself is. */
const modelCidr = fc.constantFrom("10.9.0.0/16", "203.0.113.128/25", "198.51.100.8/32", "2001:db9::/32");
const modelCidrs = fc.uniqueArray(modelCidr, { maxLength: 2 });
const port = fc.constantFrom(443, 8080, 8443, 11434);
const tag = fc.constantFrom("planning", "analysis", "search");

/** The three ways to reach a model: by address, on the public internet, in the cluster. */
const egress = fc.oneof(
  fc.record({ hosts: fc.constant(["api.example.com"]), port: fc.constant(443) }),
  fc
    .record({ hosts: fc.constant(["*.example.com"]), cidrs: modelCidrs, port })
    .map((egress) => (egress.cidrs.length > 0 ? egress : { ...egress, port: 443 })),
  fc.record({ pods: fc.constant({ namespace: "models", labels: { app: "ollama" } }), port }),
);

const model = fc
  .record({
    provider: fc.constantFrom("OpenAI", "Anthropic", "Ollama", "Bedrock"),
    model: fc.constantFrom("large", "small"),
    egress,
    apiKey: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ apiKey, ...rest }) => ({
    ...rest,
    ...(apiKey !== undefined && { apiKey }),
    ...(rest.provider === "Ollama" && { parameters: { host: "http://ollama.models:11434" } }),
    ...(rest.provider === "Bedrock" && { parameters: { region: "eu-central-1" } }),
  }));

const agentSettings = (models: readonly string[]) =>
  fc.record({
    description: fc.constant("Does one thing."),
    systemMessage: fc.constant("You do one thing."),
    model: fc.constantFrom(...models),
    exposed: fc.boolean(),
    replicas: fc.integer({ min: 0, max: 3 }),
    skills: fc.tuple(tag).map(([id]) => [{ id, name: id, description: id, tags: [id] }]),
  });

const cluster = fc.record({
  apiServer: fc.record({
    cidrs: fc.uniqueArray(cidr, { minLength: 1, maxLength: 2 }),
    port: fc.constantFrom(443, 6443),
  }),
  nodeCIDRs: cidrs,
  podCIDRs: cidrs,
  serviceCIDRs: cidrs,
  trustDomain: fc.constantFrom("cluster.local", "mesh.example.com"),
  clusterDomain: fc.constantFrom("cluster.local", "corp.example"),
  entry: fc.constantFrom(
    [],
    [{ namespace: "ingress", labels: { app: "ingress" }, serviceAccount: "ingress" }],
  ),
});

/** Where secrets, users and the database come from, each by itself. */
const surroundings = fc
  .tuple(...[withVault, withUsers, withExternalDatabase].map((edit) => fc.constantFrom(edit, () => {})))
  .map((edits) => all(...edits));

const rotation = fc.constantFrom({ current: "1" }, { current: "2", previous: "1" });

/** Delegations go from agents earlier in the list to later ones: without a cycle, and no chain is longer than the list. */
function delegationsAmong(ids: readonly string[]): fc.Arbitrary<{ from: string; to: string }[]> {
  const pairs = ids.flatMap((from, index) => ids.slice(index + 1).map((to) => ({ from, to })));
  return fc.shuffledSubarray(pairs);
}

/** Raw configuration that is valid: at most 8 agents in at most 4 tenants, some of which may be without an agent. */
export function configurations(): fc.Arbitrary<Record<string, unknown>> {
  const names = fc.record({
    tenants: fc.uniqueArray(fc.constantFrom(...TENANTS), { minLength: 1, maxLength: 4 }),
    models: fc.uniqueArray(fc.constantFrom(...MODELS), { minLength: 1, maxLength: MODELS.length }),
  });
  return names.chain(({ tenants, models }) => {
    const id = fc
      .tuple(fc.constantFrom(...tenants), fc.constantFrom(...AGENTS))
      .map((parts) => parts.join("/"));
    return fc.uniqueArray(id, { minLength: 1, maxLength: MAX_AGENTS }).chain((ids) =>
      fc
        .record({
          environment: fc.constant("development"),
          tenants: fc.constant(
            Object.fromEntries(tenants.map((name) => [name, { editors: [`${name}-dev`] }])),
          ),
          agents: fc
            .tuple(...ids.map(() => agentSettings(models)))
            .map((settings) => Object.fromEntries(ids.map((agent, index) => [agent, settings[index]]))),
          models: fc
            .tuple(...models.map(() => model))
            .map((settings) => Object.fromEntries(models.map((name, index) => [name, settings[index]]))),
          delegations: delegationsAmong(ids),
          routing: fc.constantFrom("gateway", "direct"),
          admission: fc.constantFrom("gatekeeper", "native"),
          cluster,
          rotation,
          surroundings,
        })
        .map(({ surroundings, ...rest }) => {
          const configuration = structuredClone(rest);
          surroundings(configuration);
          return configuration;
        }),
    );
  });
}

/** Secret configuration `apiKeys` that satisfies a topology: a recognisable key per team and model that needs one. */
export function apiKeysOf({ tenants }: Topology): Record<string, Record<string, string>> {
  return Object.fromEntries(
    tenants.map(({ name: tenant, models }) => [
      tenant,
      Object.fromEntries(
        models
          .filter(({ needsApiKey }) => needsApiKey)
          .map(({ name: model }) => [model, `key-of-${tenant}-for-${model}`]),
      ),
    ]),
  );
}
