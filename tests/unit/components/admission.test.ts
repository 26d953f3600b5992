import * as assert from "node:assert/strict";
import { celLiteral } from "../../../components/layers/admission/native";
import type { Doc } from "../../../verify/static/objects";
import type { Edit } from "../../support/dev";
import { devObjects } from "../../support/dev-objects";

const engine =
  (admission: "gatekeeper" | "native"): Edit =>
  (c) => {
    c.admission = admission;
  };
const [gatekeeper, native] = [devObjects(engine("gatekeeper")), devObjects(engine("native"))];
const templates = gatekeeper.all("ConstraintTemplate");
const policies = native.all("ValidatingAdmissionPolicy");

describe("both admission engines", () => {
  it("are made from the same CEL, variable by variable and rule by rule", () => {
    assert.equal(templates.length, 3);
    templates.forEach((template, index) => {
      const { source } = template.spec.targets[0].code[0];
      const { variables, validations, failurePolicy } = policies[index]?.spec ?? {};
      assert.deepEqual(
        source.variables,
        variables.filter(({ name }: Doc) => name !== "params"),
      );
      assert.deepEqual(
        source.validations,
        validations.map(({ expression, messageExpression }: Doc) => ({ expression, messageExpression })),
      );
      assert.deepEqual([source.failurePolicy, failurePolicy], ["Fail", "Fail"]);
    });
  });

  it("cover the same kinds of the same groups", () => {
    const kinds = templates.map(({ spec }) => {
      const [constraint] = gatekeeper.all(spec.crd.spec.names.kind);
      assert.equal(constraint?.spec.enforcementAction, "deny");
      return constraint?.spec.match.kinds[0];
    });
    assert.deepEqual(kinds, [
      { apiGroups: ["kagent.dev"], kinds: ["Agent", "SandboxAgent", "AgentHarness"] },
      { apiGroups: ["kagent.dev"], kinds: ["ModelConfig"] },
      { apiGroups: [""], kinds: ["Namespace"] },
    ]);
    const rules = policies.map(({ spec }) => spec.matchConstraints.resourceRules[0]);
    assert.deepEqual(
      rules.map(({ apiGroups, apiVersions, operations, resources }) => [
        apiGroups,
        apiVersions,
        operations,
        resources,
      ]),
      [
        [["kagent.dev"], ["*"], ["CREATE", "UPDATE"], ["agents", "sandboxagents", "agentharnesses"]],
        [["kagent.dev"], ["*"], ["CREATE", "UPDATE"], ["modelconfigs"]],
        [[""], ["*"], ["CREATE", "UPDATE"], ["namespaces", "namespaces/*"]],
      ],
    );
  });

  it("refuse, and do not only warn", () => {
    const bindings = native.all("ValidatingAdmissionPolicyBinding");
    assert.deepEqual(
      bindings.map(({ spec }) => [spec.policyName, spec.validationActions]),
      policies.map(({ metadata }) => [metadata.name, ["Deny", "Audit"]]),
    );
  });

  it("use no variable before it is defined", () => {
    for (const { metadata, spec } of policies) {
      const known = new Set<string>();
      for (const { name, expression } of spec.variables) {
        for (const [, used = ""] of expression.matchAll(/variables\.(\w+)/g))
          assert.ok(known.has(used), `${metadata.name}: ${name} uses ${used}`);
        known.add(name);
      }
      for (const { expression, messageExpression } of spec.validations)
        for (const [, used = ""] of `${expression} ${messageExpression}`.matchAll(/variables\.(\w+)/g))
          assert.ok(known.has(used), `${metadata.name} uses ${used}`);
    }
  });

  it("read only tables that exist, each a map of lists of texts", () => {
    for (const { spec } of templates) {
      const parameters = gatekeeper.all(spec.crd.spec.names.kind)[0]?.spec.parameters;
      const text = JSON.stringify(spec.targets[0].code[0].source);
      for (const [, table = ""] of text.matchAll(/variables\.params\.(\w+)/g))
        assert.ok(table in parameters, table);
      for (const rows of Object.values<Doc>(parameters))
        for (const values of Object.values<Doc>(rows))
          assert.ok(Array.isArray(values) && values.every((value) => typeof value === "string"));
    }
  });
});

describe("the tables of admission", () => {
  it("know the Secrets an agent is given, and a team's API keys", () => {
    const objects = devObjects((c) => {
      c.agents["team-beta/specialist"].secrets = ["search-credentials"];
    });
    const agents = objects.all("KagentA2AAgents")[0]?.spec.parameters.agents;
    assert.deepEqual(agents["team-beta/specialist"], ["search-credentials"]);
    const { apiKeys } = objects.all("KagentA2AModelConfigs")[0]?.spec.parameters ?? {};
    assert.deepEqual(apiKeys, { "team-alpha": ["gpt-api-key"], "team-beta": ["gpt-api-key"] });
  });

  it("give delegation labels to the namespaces of the graph only", () => {
    const { governed } = gatekeeper.all("KagentA2ANamespaces")[0]?.spec.parameters ?? {};
    assert.deepEqual(governed, {
      kagent: [],
      "team-alpha": ["kagent.dev/agent-consumer"],
      "team-beta": ["kagent.dev/agent-provider"],
    });
  });
});

describe("a CEL literal", () => {
  it("keeps quotes and backslashes inside their text", () => {
    assert.equal(
      celLiteral({ a: { "it's": ["b\\", "c"] }, d: {} }),
      "{'a': {'it\\'s': ['b\\\\', 'c']}, 'd': {}}",
    );
  });
});
