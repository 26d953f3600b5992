import * as assert from "node:assert/strict";
import { addAgent, type Edit, ORCHESTRATOR, SPECIALIST } from "../../support/dev";
import { devObject } from "../../support/dev-objects";

const withSpec =
  (spec: unknown): Edit =>
  (c) => {
    c.agents[ORCHESTRATOR].spec = spec;
  };

describe("an Agent", () => {
  it("writes what kagent would otherwise default: type, runtime, description", () => {
    const { apiVersion, spec } = devObject("Agent", SPECIALIST);
    assert.equal(apiVersion, "kagent.dev/v1alpha2");
    assert.deepEqual(
      [spec.type, spec.declarative.runtime, spec.description],
      ["Declarative", "python", "Answers questions about team beta's domain."],
    );
    assert.deepEqual(spec.declarative.a2aConfig.skills[0].id, "analyse");
  });

  it("runs under the restricted contexts", () => {
    const { podSecurityContext, securityContext, resources } = devObject("Agent", SPECIALIST).spec.declarative
      .deployment;
    assert.deepEqual(podSecurityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(securityContext, {
      allowPrivilegeEscalation: false,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(Object.keys(resources).sort(), ["limits", "requests"]);
  });

  it("has its callee as a tool, with the token of that delegation", () => {
    assert.deepEqual(devObject("Agent", ORCHESTRATOR).spec.declarative.tools, [
      {
        type: "Agent",
        agent: { name: "specialist", namespace: "team-beta", kind: "Agent", apiGroup: "kagent.dev" },
        headersFrom: [
          {
            name: "X-Agent-Token",
            valueFrom: { type: "Secret", name: "orchestrator-a2a-tokens", key: "team-beta.specialist" },
          },
        ],
      },
    ]);
    assert.equal(devObject("Agent", SPECIALIST).spec.declarative.tools, undefined);
  });

  it("carries the fingerprint of its tokens only when it has some", () => {
    const labelled = (id: string) => "kagent-a2a/token-fingerprint" in devObject("Agent", id).metadata.labels;
    assert.deepEqual([labelled(ORCHESTRATOR), labelled(SPECIALIST)], [true, false]);
  });

  it("is waited for until Accepted and Ready, unless nothing reconciles it", () => {
    const annotations = (edit?: Edit) => devObject("Agent", SPECIALIST, edit).metadata.annotations;
    assert.deepEqual(annotations(), {
      "pulumi.com/waitFor": '["condition=Accepted","condition=Ready"]',
    });
    assert.equal(
      annotations((c) => {
        c.kagent = { await: false };
      }),
      undefined,
    );
  });

  it("passes through what does not govern, beside what is derived", () => {
    const mcp = {
      type: "McpServer",
      mcpServer: { name: "search", kind: "RemoteMCPServer", apiGroup: "kagent.dev" },
    };
    const { spec } = devObject(
      "Agent",
      ORCHESTRATOR,
      withSpec({
        declarative: {
          stream: true,
          tools: [mcp],
          deployment: { env: [{ name: "LOG_LEVEL", value: "debug" }], tolerations: [{ key: "spot" }] },
        },
      }),
    );
    assert.equal(spec.declarative.stream, true);
    assert.deepEqual(spec.declarative.deployment.env, [{ name: "LOG_LEVEL", value: "debug" }]);
    assert.equal(spec.declarative.deployment.serviceAccountName, "orchestrator-sa");
    assert.deepEqual(
      spec.declarative.tools.map(({ type }: { type: string }) => type),
      ["Agent", "McpServer"],
    );
  });
});

describe("allowedNamespaces", () => {
  const allowed = (edit?: Edit) => devObject("Agent", SPECIALIST, edit).spec.allowedNamespaces;

  it("selects the callers' namespaces by the name that the API server sets", () => {
    assert.deepEqual(allowed(), {
      from: "Selector",
      selector: {
        matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["team-alpha"] }],
      },
    });
  });

  it("names each namespace once, sorted, and never its own", () => {
    const { selector } = allowed((c) => {
      c.tenants["a-team"] = {};
      addAgent("a-team/x", "team-alpha/y", "team-beta/z")(c);
      for (const from of ["a-team/x", "team-alpha/y", "team-beta/z"])
        c.delegations.push({ from, to: SPECIALIST });
    });
    assert.deepEqual(selector.matchExpressions[0].values, ["a-team", "team-alpha"]);
  });

  it("is Same where nobody calls, or only the own team", () => {
    assert.deepEqual(devObject("Agent", ORCHESTRATOR).spec.allowedNamespaces, { from: "Same" });
    const own: Edit = (c) => {
      addAgent("team-beta/z")(c);
      c.delegations = [{ from: "team-beta/z", to: SPECIALIST }];
    };
    assert.deepEqual(allowed(own), { from: "Same" });
  });
});
