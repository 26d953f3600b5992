import assert from "node:assert/strict";
import { compare, inputsFrom } from "../../../../sandbox/provider/kubernetes/compare";
import type { Manifest } from "../../../../sandbox/provider/kubernetes/manifest";
import { type JsonObject, UNKNOWN } from "../../../../sandbox/provider/rpc/values";

const mutable = { configMaps: true, secrets: true };

interface Case {
  mutable?: typeof mutable;
  namespaced?: boolean;
  ignoreChanges?: string[];
  live?: Manifest;
}

/** What a deployment of `after` shows when `before` was deployed and the cluster holds `live`. */
function changes(before: Manifest, after: Manifest, options: Case = {}): Record<string, string> {
  const checkpoint = {
    inputs: before,
    live: options.live ?? { ...before, status: { phase: "Active" } },
    fieldManager: "m",
    initialApiVersion: "v1",
  };
  const result = compare(checkpoint, after, {
    ignoreChanges: options.ignoreChanges ?? [],
    mutable: options.mutable ?? mutable,
    namespaced: options.namespaced ?? true,
  });
  const entries = [...result.changes].map(([path, { kind, replace }]) => [
    path,
    replace ? `${kind} replace` : kind,
  ]);
  if (result.deleteBeforeReplace) entries.push(["", "delete first"]);
  return Object.fromEntries(entries) as Record<string, string>;
}

function object(apiVersion: string, kind: string, rest: JsonObject, metadata: JsonObject = {}): Manifest {
  return { apiVersion, kind, metadata: { name: "x", namespace: "team", ...metadata }, ...rest };
}

const agent = (spec: JsonObject, metadata: JsonObject = {}) =>
  object("kagent.dev/v1alpha2", "Agent", { spec }, metadata);
const configMap = (data: JsonObject, rest: JsonObject = {}) => object("v1", "ConfigMap", { data, ...rest });
const secret = (data: JsonObject, rest: JsonObject = {}) => object("v1", "Secret", { data, ...rest });

describe("offline provider: compare", () => {
  it("shows nothing for the same inputs", () => {
    assert.deepEqual(
      changes(agent({ tools: [{ type: "Agent" }] }), agent({ tools: [{ type: "Agent" }] })),
      {},
    );
  });

  it("shows added, changed and removed fields by their paths", () => {
    const before = agent(
      { description: "a", gone: 1, tools: [{ type: "Agent" }] },
      { labels: { "a.b/c": "1" } },
    );
    const after = agent(
      { description: "b", tools: [{ type: "Agent" }, { type: "McpServer" }] },
      { labels: { "a.b/c": "2" } },
    );
    assert.deepEqual(changes(before, after), {
      'metadata.labels["a.b/c"]': "update",
      "spec.description": "update",
      "spec.gone": "delete",
      "spec.tools[1]": "add",
    });
  });

  it("ignores what the cluster added, and sees what it changed", () => {
    const inputs = agent({ description: "a", deployment: { replicas: 1 } });
    const live = agent({ description: "a", defaulted: true, deployment: { replicas: 3, more: {} } });
    assert.deepEqual(changes(inputs, inputs, { live }), { "spec.deployment.replicas": "update" });
  });

  it("sees what the cluster lost", () => {
    const inputs = agent({ description: "a", runtime: "python" });
    assert.deepEqual(changes(inputs, inputs, { live: agent({ description: "a" }) }), {
      "spec.runtime": "add",
    });
  });

  it("shows an unknown value as a change", () => {
    assert.deepEqual(changes(agent({ description: "a" }), agent({ description: UNKNOWN })), {
      "spec.description": "update",
    });
  });

  it("leaves out what the program ignores, and what is below it", () => {
    const before = agent({ description: "a", deployment: { replicas: 1 }, deploymentName: "a" });
    const after = agent({ description: "b", deployment: { replicas: 2 }, deploymentName: "b" });
    assert.deepEqual(changes(before, after, { ignoreChanges: ["spec.deployment", "spec.description"] }), {
      "spec.deploymentName": "update",
    });
  });

  it("replaces an object whose name or namespace changes, side by side", () => {
    assert.deepEqual(changes(agent({}), agent({}, { name: "y" })), { "metadata.name": "update replace" });
    assert.deepEqual(changes(agent({}), agent({}, { namespace: "other" })), {
      "metadata.namespace": "update replace",
    });
  });

  it("replaces for an immutable field, the old one first because the name stays", () => {
    const binding = (name: string, labels: JsonObject = {}) =>
      object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { kind: "Role", name } }, { labels });
    assert.deepEqual(changes(binding("a"), binding("b")), {
      "roleRef.name": "update replace",
      "": "delete first",
    });
    assert.deepEqual(changes(binding("a"), binding("a", { x: "y" })), { "metadata.labels.x": "add" });
  });

  it("replaces beside the old one when the name is the provider's choice", () => {
    const annotations = { "pulumi.com/autonamed": "true" };
    const service = (clusterIP: string) => object("v1", "Service", { spec: { clusterIP } }, { annotations });
    assert.deepEqual(changes(service("10.0.0.1"), service("10.0.0.2")), {
      "spec.clusterIP": "update replace",
    });
  });

  it("finds an immutable field within a value that changes as a whole", () => {
    const deployment = (spec: JsonObject) => object("apps/v1", "Deployment", { spec });
    const template = { spec: {} };
    assert.deepEqual(
      changes(deployment({ template }), deployment({ template, selector: { matchLabels: { a: "b" } } })),
      { "spec.selector": "add replace", "": "delete first" },
    );
  });

  it("replaces a Secret or ConfigMap for new contents unless the provider's options say otherwise", () => {
    const replaced = { "data.k": "update replace", "": "delete first" };
    const strict = { mutable: { configMaps: false, secrets: false } };
    assert.deepEqual(changes(configMap({ k: "1" }), configMap({ k: "2" }), strict), replaced);
    assert.deepEqual(changes(configMap({ k: "1" }), configMap({ k: "2" })), { "data.k": "update" });
    assert.deepEqual(changes(secret({ k: "MQ==" }), secret({ k: "Mg==" }), strict), replaced);
    assert.deepEqual(changes(secret({ k: "MQ==" }), secret({ k: "Mg==" })), { "data.k": "update" });
  });

  it("replaces an immutable Secret or ConfigMap for new contents in any case", () => {
    const frozen = { immutable: true };
    const replaced = { "data.k": "update replace", "": "delete first" };
    assert.deepEqual(changes(configMap({ k: "1" }, frozen), configMap({ k: "2" }, frozen)), replaced);
    assert.deepEqual(changes(secret({ k: "MQ==" }, frozen), secret({ k: "Mg==" }, frozen)), replaced);
  });

  it("replaces a Secret whose type changes", () => {
    assert.deepEqual(changes(secret({}, { type: "Opaque" }), secret({}, { type: "kubernetes.io/tls" })), {
      type: "update replace",
      "": "delete first",
    });
  });

  it("takes a missing namespace for the default one, and none for cluster-wide kinds", () => {
    const role = (metadata: JsonObject): Manifest => ({ apiVersion: "v1", kind: "Thing", metadata });
    const before = role({ name: "x" });
    assert.deepEqual(changes(before, role({ name: "x", namespace: "default" })), {});
    assert.deepEqual(changes(before, role({ name: "x", namespace: "default" }), { namespaced: false }), {});
  });

  it("knows a quantity that the API server writes differently, but only in a built-in kind", () => {
    const quota = (hard: JsonObject) => object("v1", "ResourceQuota", { spec: { hard } });
    const inputs = quota({ cpu: "1000m", memory: "1024Mi", pods: 10 });
    assert.deepEqual(changes(inputs, inputs, { live: quota({ cpu: "1", memory: "1Gi", pods: "10" }) }), {});
    assert.deepEqual(changes(inputs, inputs, { live: quota({ cpu: "2", memory: "1Gi", pods: "10" }) }), {
      "spec.hard.cpu": "update",
    });
    const given = agent({ limits: { cpu: "1000m" } });
    assert.deepEqual(changes(given, given, { live: agent({ limits: { cpu: "1" } }) }), {
      "spec.limits.cpu": "update",
    });
  });

  it("knows that a built-in kind does not keep empty fields, but tells a removed selector from an empty one", () => {
    const policy = (spec: JsonObject) => object("networking.k8s.io/v1", "NetworkPolicy", { spec });
    const inputs = policy({ podSelector: {}, ingress: [] });
    assert.deepEqual(changes(inputs, inputs, { live: policy({ podSelector: {} }) }), {});
    const everyone = policy({ podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] });
    const podsOnly = policy({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] });
    assert.deepEqual(changes(everyone, podsOnly), {
      "spec.ingress[0].from[0].namespaceSelector": "delete",
      "spec.ingress[0].from[0].podSelector": "add",
    });
  });

  it("shows inputs for a live object, in the program's own form where only the form differs", () => {
    const inputs = object("v1", "ResourceQuota", { spec: { hard: { cpu: "1000m", pods: "10" } } });
    const live = object("v1", "ResourceQuota", { spec: { hard: { cpu: "1", pods: "11" } }, status: {} });
    assert.deepEqual(
      inputsFrom(live, inputs),
      object("v1", "ResourceQuota", { spec: { hard: { cpu: "1000m", pods: "11" } } }),
    );
  });
});
