import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { type PlannedObject, plan } from "../../components/plan/plan";
import { render } from "../../components/plan/render";
import { readTopology } from "../../topology";
import { agentPod, toolsOf } from "../../verify/static/kagent";
import { type Doc, Objects, selects } from "../../verify/static/objects";
import { configurations } from "../support/topologies";

const check = (property: (objects: readonly PlannedObject[], plain: Objects) => void) =>
  fc.assert(
    fc.property(configurations(), (raw) => {
      const objects = plan(readTopology(raw));
      property(objects, new Objects(objects.map(({ manifest }) => manifest)));
    }),
    { numRuns: 100 },
  );

/** Before an Agent runs, all of this is in force for it. */
const PROTECTS = ["NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"];

describe("the plan of any graph", () => {
  it("holds each object once, behind everything it depends on", () => {
    check((objects) => {
      const seen = new Set<string>();
      for (const { key, dependsOn } of objects) {
        assert.ok(!seen.has(key), `${key} is planned twice`);
        for (const needed of dependsOn) assert.ok(seen.has(needed), `${key} stands before ${needed}`);
        seen.add(key);
      }
    });
  });

  it("creates Agents behind their namespace's protection, their own, and their callees", () => {
    check((objects, plain) => {
      for (const { manifest: planned, dependsOn } of objects) {
        if (planned.kind !== "Agent") continue;
        const manifest: Doc = planned;
        const { namespace } = manifest.metadata;
        const pod = agentPod(manifest);
        for (const kind of PROTECTS)
          for (const guard of plain.in(kind, namespace)) {
            const selector = guard.spec.podSelector ?? guard.spec.selector ?? {};
            if (!selects(selector, pod.labels)) continue;
            const key = `${guard.apiVersion}/${kind}/${namespace}/${guard.metadata.name}`;
            assert.ok(dependsOn.includes(key), `${manifest.metadata.name} does not wait for ${key}`);
          }
        const { deployment, modelConfig } = manifest.spec.declarative;
        const secrets = toolsOf(manifest).map(({ headersFrom }) => headersFrom[0].valueFrom.name);
        for (const key of [
          `v1/ServiceAccount/${namespace}/${deployment.serviceAccountName}`,
          `kagent.dev/v1alpha2/ModelConfig/${namespace}/${modelConfig}`,
          ...secrets.map((secret) => `v1/Secret/${namespace}/${secret}`),
        ])
          assert.ok(dependsOn.includes(key), `${manifest.metadata.name} does not wait for ${key}`);
        for (const { agent } of toolsOf(manifest))
          assert.ok(dependsOn.includes(`kagent.dev/v1alpha2/Agent/${agent.namespace}/${agent.name}`));
      }
    });
  });

  it("creates a model's configuration behind its API key", () => {
    check((objects) => {
      for (const { manifest: planned, dependsOn } of objects) {
        const manifest: Doc = planned;
        if (manifest.kind !== "ModelConfig" || manifest.spec.apiKeySecret === undefined) continue;
        const secret = `${manifest.metadata.namespace}/${manifest.spec.apiKeySecret}`;
        // The program's own, or the one that External Secrets writes: under the same name.
        const writers = [`v1/Secret/${secret}`, `external-secrets.io/v1/ExternalSecret/${secret}`];
        assert.equal(
          writers.filter((key) => dependsOn.includes(key)).length,
          1,
          `${manifest.metadata.name} does not wait for Secret ${secret}`,
        );
      }
    });
  });

  it("creates tenants only when admission knows them and kagent's namespace is closed", () => {
    check((objects) => {
      const before = new Set<string>();
      const isOfTenant = (object: PlannedObject) => object.tenant !== undefined;
      const first = objects.findIndex(isOfTenant);
      // kagent itself comes later: its chart makes Roles in the tenants' namespaces.
      const forAll = objects.slice(0, first).filter(({ manifest }) => manifest.kind !== "Namespace");
      const late = objects.slice(first).filter((object) => !isOfTenant(object));
      assert.deepEqual(
        late.map(({ key }) => key),
        ["helm.sh/v3/Release/kagent/kagent"],
      );
      for (const { key, manifest, tenant, layer, dependsOn } of objects) {
        if (manifest.kind === "Namespace" && tenant !== undefined)
          for (const needed of forAll)
            assert.ok(dependsOn.includes(needed.key), `${key} does not wait for ${needed.key}`);
        if (manifest.kind === "Namespace" && tenant !== undefined)
          for (const needed of [
            "NetworkPolicy/kagent/default-deny",
            "AuthorizationPolicy/kagent/allow-nothing",
          ])
            assert.ok(
              [...before].some((earlier) => earlier.endsWith(needed)),
              needed,
            );
        if (layer === "admission")
          assert.ok(objects.slice(first).every((object) => object.layer !== "admission"));
        before.add(key);
      }
    });
  });

  it("names nothing that it does not plan", () => {
    check((_objects, plain) => {
      const there = (kind: string, namespace: string, name: string) =>
        assert.ok(plain.get(kind, namespace, name), `there is no ${kind} ${namespace}/${name}`);
      for (const { metadata, spec } of plain.all("Agent")) {
        there("ModelConfig", metadata.namespace, spec.declarative.modelConfig);
        there("ServiceAccount", metadata.namespace, spec.declarative.deployment.serviceAccountName);
        for (const { agent, headersFrom } of toolsOf({ spec })) {
          there("Agent", agent.namespace, agent.name);
          for (const { valueFrom } of headersFrom) {
            there("Secret", metadata.namespace, valueFrom.name);
            const secret = plain.get("Secret", metadata.namespace, valueFrom.name);
            assert.ok(Object.hasOwn(secret?.stringData ?? {}, valueFrom.key));
          }
        }
      }
      for (const { metadata, spec } of plain.all("ModelConfig"))
        if (spec.apiKeySecret !== undefined) {
          const external = plain.get("ExternalSecret", metadata.namespace, spec.apiKeySecret);
          const keys = external
            ? external.spec.data.map(({ secretKey }: Doc) => secretKey)
            : Object.keys(plain.get("Secret", metadata.namespace, spec.apiKeySecret)?.stringData ?? {});
          assert.ok(keys.includes(spec.apiKeySecretKey), `nothing writes ${spec.apiKeySecret}`);
        }
      for (const { metadata, spec } of plain.all("ExternalSecret"))
        there("SecretStore", metadata.namespace, spec.secretStoreRef.name);
      for (const { metadata, spec } of plain.all("SecretStore"))
        there(
          "ServiceAccount",
          metadata.namespace,
          spec.provider.vault.auth.kubernetes.serviceAccountRef.name,
        );
      for (const { metadata, roleRef } of plain.all("RoleBinding"))
        there("Role", metadata.namespace, roleRef.name);
      const names = new Set(plain.all("ValidatingAdmissionPolicy").map(({ metadata }) => metadata.name));
      for (const { spec } of plain.all("ValidatingAdmissionPolicyBinding"))
        assert.ok(names.has(spec.policyName));
    });
  });

  it("selects with every policy a pod that exists, so that none protects nothing", () => {
    const app = (name: string) => ({ app: name, istio: name });
    const component = (name: string) => ({
      "app.kubernetes.io/name": "kagent",
      "app.kubernetes.io/instance": "kagent",
      "app.kubernetes.io/component": name,
    });
    const kagentPods = [app("a2a-gateway"), ...["controller", "ui", "database"].map(component)];
    check((_objects, plain) => {
      for (const kind of PROTECTS)
        for (const { metadata, spec } of plain.all(kind)) {
          const selector: Doc = spec.podSelector ?? spec.selector;
          if (selector === undefined) continue;
          const pods =
            metadata.namespace === "kagent"
              ? kagentPods
              : plain.in("Agent", metadata.namespace).map((agent) => agentPod(agent).labels);
          if (pods.length === 0) assert.deepEqual(selector, {});
          else
            assert.ok(
              pods.some((labels) => selects(selector, labels)),
              `${kind} ${metadata.name}`,
            );
        }
    });
  });

  it("gives every object a name and a namespace that Kubernetes takes, and kagent makes no object of that name", () => {
    check((_objects, plain) => {
      const agents = new Set(
        plain.all("Agent").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      );
      for (const { kind, metadata } of plain.manifests) {
        assert.match(metadata.name, /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
        if (["Secret", "ServiceAccount", "Deployment", "Service"].includes(kind))
          assert.ok(!agents.has(`${metadata.namespace}/${metadata.name}`), `${kind} ${metadata.name}`);
      }
    });
  });
});

describe("the same configuration", () => {
  const shuffled = (value: unknown, order: (keys: string[]) => string[]): unknown => {
    if (Array.isArray(value)) return value.map((inner) => shuffled(inner, order));
    if (typeof value !== "object" || value === null) return value;
    const map = value as Record<string, unknown>;
    return Object.fromEntries(order(Object.keys(map)).map((key) => [key, shuffled(map[key], order)]));
  };

  it("in any order of keys and delegations gives the same plan and the same rendered bytes", () => {
    fc.assert(
      fc.property(configurations(), fc.infiniteStream(fc.nat()), (raw, numbers) => {
        const order = <T>(items: T[]): T[] =>
          items
            .map((item) => [numbers.next().value ?? 0, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const other = shuffled(raw, order) as Record<string, unknown>;
        other.delegations = order(other.delegations as unknown[]);
        const [topology, again] = [readTopology(raw), readTopology(other)];
        assert.deepEqual(plan(again), plan(topology));
        assert.deepEqual([...render(again)], [...render(topology)]);
      }),
      { numRuns: 40 },
    );
  });
});
