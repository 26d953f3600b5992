import * as assert from "node:assert/strict";
import { EngineValue } from "../../../components/plan/manifest";
import { type Edit, ORCHESTRATOR, SPECIALIST } from "../../support/dev";
import { devObject, devObjects } from "../../support/dev-objects";

describe("a tenant's namespace", () => {
  const labels = (name: string, edit?: Edit) => devObject("Namespace", name, edit).metadata.labels;

  it("is one object with every label: team, role, pod security pinned, mesh", () => {
    const guards = {
      "app.kubernetes.io/managed-by": "kagent-a2a",
      "istio-injection": "enabled",
      ...Object.fromEntries(
        ["enforce", "audit", "warn"].flatMap((mode) => [
          [`pod-security.kubernetes.io/${mode}`, "restricted"],
          [`pod-security.kubernetes.io/${mode}-version`, "v1.33"],
        ]),
      ),
    };
    assert.deepEqual(labels("team-alpha"), {
      ...guards,
      "kagent-a2a/tenant": "team-alpha",
      "kagent.dev/agent-consumer": "true",
    });
    assert.deepEqual(labels("team-beta"), {
      ...guards,
      "kagent-a2a/tenant": "team-beta",
      "kagent.dev/agent-provider": "true",
    });
    assert.deepEqual(labels("kagent"), guards);
  });

  it("is neither consumer nor provider without a delegation across tenants", () => {
    const without: Edit = (c) => {
      c.delegations = [];
      c.tenants["team-alpha"].labels = { cost: "12" };
    };
    const keys = Object.keys(labels("team-alpha", without)).filter((key) => key.startsWith("kagent.dev/"));
    assert.deepEqual(keys, []);
    assert.equal(labels("team-alpha", without).cost, "12");
  });

  it("has a quota and limits, of which each entry can be overridden", () => {
    const edit: Edit = (c) => {
      c.tenants["team-alpha"].quota = { pods: "5" };
      c.tenants["team-alpha"].limits = { default: { cpu: "2" } };
    };
    const { hard } = devObject("ResourceQuota", "team-alpha/tenant", edit).spec;
    assert.deepEqual([hard.pods, hard["services.loadbalancers"]], ["5", "0"]);
    const [limits] = devObject("LimitRange", "team-alpha/tenant", edit).spec.limits;
    assert.deepEqual([limits.default.cpu, limits.default.memory], ["2", "512Mi"]);
  });
});

describe("a team", () => {
  it("may edit its agents and model configurations, and never sees Secrets, namespaces or policies", () => {
    const objects = devObjects((c) => {
      c.tenants["team-alpha"].viewers = ["auditors"];
    });
    const subjects = objects
      .in("RoleBinding", "team-alpha")
      .map(({ metadata, roleRef, subjects }) => [
        metadata.name,
        roleRef.name,
        subjects.map(({ kind, name }: Record<string, string>) => `${kind} ${name}`),
      ]);
    assert.deepEqual(subjects, [
      ["team-editor", "team-editor", ["Group team-alpha-developers"]],
      ["team-viewer", "team-viewer", ["Group auditors"]],
    ]);
    for (const { metadata, rules } of objects.all("Role"))
      for (const { apiGroups, resources, verbs } of rules) {
        for (const resource of resources)
          assert.ok(
            [
              "agents",
              "modelconfigs",
              "pods",
              "pods/log",
              "events",
              "services",
              "deployments",
              "replicasets",
            ].includes(resource),
            resource,
          );
        const writes = verbs.some((verb: string) => !["get", "list", "watch"].includes(verb));
        if (writes) assert.deepEqual([metadata.name, apiGroups], ["team-editor", ["kagent.dev"]]);
        assert.ok(![...verbs, ...apiGroups, ...resources].includes("*"));
      }
  });

  it("without groups has no Role, and agents have none either", () => {
    const objects = devObjects((c) => {
      c.tenants["team-alpha"].editors = [];
    });
    assert.deepEqual(objects.in("Role", "team-alpha"), []);
    const groups = objects
      .all("RoleBinding")
      .flatMap(({ subjects }) => subjects.map(({ kind }: { kind: string }) => kind));
    assert.deepEqual([...new Set(groups)], ["Group"]);
  });
});

describe("an agent's service account", () => {
  it("is its own, and mounts no token", () => {
    for (const [id, account] of [
      [ORCHESTRATOR, "team-alpha/orchestrator-sa"],
      [SPECIALIST, "team-beta/specialist-sa"],
    ] as const) {
      assert.equal(devObject("ServiceAccount", account).automountServiceAccountToken, false);
      const { serviceAccountName } = devObject("Agent", id).spec.declarative.deployment;
      assert.equal(serviceAccountName, account.split("/")[1]);
    }
  });
});

describe("a model", () => {
  it("has a configuration and an API key per team that uses it", () => {
    for (const tenant of ["team-alpha", "team-beta"]) {
      assert.deepEqual(devObject("ModelConfig", `${tenant}/gpt`).spec, {
        provider: "OpenAI",
        model: "gpt-4.1-mini",
        apiKeySecret: "gpt-api-key",
        apiKeySecretKey: "apiKey",
      });
      const { apiKey } = devObject("Secret", `${tenant}/gpt-api-key`).stringData;
      assert.deepEqual(apiKey, new EngineValue(`apiKey/${tenant}/gpt`, true));
    }
  });

  it("passes its parameters in the provider's own block, and names no Secret where it takes no key", () => {
    const edit: Edit = (c) => {
      c.models.gpt = {
        provider: "Ollama",
        model: "llama",
        parameters: { host: "http://ollama.models:11434" },
        egress: { pods: { namespace: "models", labels: { app: "ollama" } }, port: 11434 },
      };
    };
    assert.deepEqual(devObject("ModelConfig", "team-alpha/gpt", edit).spec, {
      provider: "Ollama",
      model: "llama",
      ollama: { host: "http://ollama.models:11434" },
    });
    assert.equal(devObjects(edit).get("Secret", "team-alpha", "gpt-api-key"), undefined);
  });
});
