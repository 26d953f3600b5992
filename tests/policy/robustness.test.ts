/** Whatever comes in: a clear message, never a crash, never a silent pass. */
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describeFinding } from "../../policy-pack/framework/finding";
import { evaluate, planned } from "../../policy-pack/framework/manifests";
import { RULES } from "../../policy-pack/rules/index";
import { inProduction } from "../support/configurations";
import { Draft, type Loose, titleOf } from "./support/draft";
import { resourceOf, runPack, withEngineValues } from "./support/engine";
import { manifestsOf, shipped, VARIANTS } from "./support/stacks";

const filled = (manifests: readonly unknown[]) =>
  manifests.map((object) => withEngineValues(object, () => "made-up") as Loose);

/** Every path of an object, down to its leaves. */
function paths(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, item]) =>
      paths(item, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function replaceAt(manifest: Loose, path: readonly (string | number)[], value: unknown): void {
  const keys = [...path];
  const last = keys.pop();
  if (last === undefined) return;
  const parent = keys.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], manifest);
  (parent as Record<string | number, unknown>)[last] = value;
}

const ODD = [null, undefined, 7, true, "text", [], {}, [[]], [null], { a: [1] }, ["a", 2], Number.NaN];

describe("bad input", () => {
  it("of any shape at any place never throws", function () {
    this.timeout(30_000);
    const stacks = VARIANTS.map((variant) => filled(shipped(variant)));
    fc.assert(
      fc.property(
        fc.constantFrom(...stacks),
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...ODD),
        (stack, which, where, value) => {
          const draft = new Draft(stack);
          const object = draft.manifests[which % draft.manifests.length] ?? {};
          const all = paths(object);
          replaceAt(object, all[where % all.length] ?? [], value);
          evaluate(RULES, planned(draft.manifests));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("that is no object at all never throws, and is named", () => {
    for (const value of [
      null,
      undefined,
      7,
      "text",
      [],
      [1],
      {},
      { kind: 7 },
      { apiVersion: "v1", kind: "Namespace", metadata: "x" },
    ]) {
      const results = evaluate(RULES, planned([value]));
      const found = results.flatMap(({ findings }) => findings);
      assert.ok(found.length > 0, JSON.stringify(value));
    }
  });

  it("with lists where maps are expected is refused, not passed", () => {
    for (const [title, path] of [
      ["NetworkPolicy team-alpha/default-deny", "spec"],
      ["AuthorizationPolicy team-beta/agent-specialist", "spec.rules[0].from[0].source"],
      ["Agent team-alpha/orchestrator", "spec.declarative"],
      ["Namespace team-alpha", "metadata.labels"],
      ["RequestAuthentication team-beta/agent-specialist", "spec.selector"],
    ] as const) {
      const draft = new Draft(filled(shipped())).set(title, path, [{ a: 1 }]);
      const refusing = evaluate(RULES, planned(draft.manifests)).filter(
        ({ findings }) => findings.length > 0,
      );
      assert.ok(refusing.length > 0, `${title} ${path}`);
    }
  });

  it("of a foreign CRD with the same kind is somebody else's", () => {
    const foreign = [
      "Agent",
      "AuthorizationPolicy",
      "NetworkPolicy",
      "PeerAuthentication",
      "Secret",
      "Role",
    ].map((kind) => ({
      apiVersion: "example.com/v1",
      kind,
      metadata: { name: "x", namespace: "team-alpha" },
      spec: { allowedNamespaces: { from: "All" } },
    }));
    const results = evaluate(RULES, planned([...filled(shipped()), ...foreign]));
    const found = results
      .flatMap(({ findings }) => findings)
      .filter(({ object }) => object.group === "example.com");
    assert.deepEqual(
      found.map(({ object }) => object.title),
      [],
    );
  });

  it("in items of a list is read like any other", () => {
    const [policy] = filled(shipped()).filter(
      (object) => titleOf(object) === "NetworkPolicy kagent/default-deny",
    );
    const list = {
      apiVersion: "v1",
      kind: "List",
      items: [
        policy,
        {
          apiVersion: "v1",
          kind: "ConfigMapList",
          items: [{ metadata: { name: "c" }, data: { k: "-----BEGIN PRIVATE KEY-----" } }],
        },
      ],
    };
    const found = evaluate(RULES, planned([list])).flatMap(({ rule, findings }) =>
      findings.map(({ object }) => `${rule.name} ${object.title}`),
    );
    assert.ok(found.includes("secrets-no-key-material ConfigMap c"), found.join("\n"));
    assert.ok(
      found.includes("pod-security-namespace-present NetworkPolicy kagent/default-deny"),
      found.join("\n"),
    );
  });

  it("prints no value of a property", () => {
    const secret = "hunter2-hunter2";
    const draft = new Draft(filled(shipped()))
      .set("ModelConfig team-alpha/gpt", "spec.defaultHeaders", { "X-Api-Key": secret })
      .set("Agent team-alpha/orchestrator", "spec.declarative.deployment.env", [
        { name: "TOKEN", value: secret },
      ])
      .set("Secret team-alpha/orchestrator-a2a-tokens", 'stringData["team-beta.specialist"]', secret)
      .set("RequestAuthentication kagent/a2a-gateway", "spec.jwtRules[0].jwks", secret)
      .set("Agent team-alpha/orchestrator", "spec.declarative.tools[0].headersFrom[0].value", secret);
    const { reports } = runPack(draft.manifests.map((object) => resourceOf(object)));
    const said = [...reports.values()].flat().join("\n");
    assert.ok(reports.size >= 4, said);
    assert.ok(!said.includes(secret), said);
  });

  it("prints nothing of any field but names of objects, namespaces and groups", function () {
    this.timeout(60_000);
    const secret = "hunter2-hunter2";
    /** Fields whose values are such names, by the end of their path. */
    const NAMES =
      /(^chart|apiGroups\.#|resources\.#|audiences\.#|exemptNamespaces\.#|rbac\.namespaces\.#|[Ss]elector\.matchExpressions\.#\.values\.#|podSelector\.matchLabels\.kagent|parameters\.(tenants|governed|delegations|callers|apiKeys)\.[^.]+\.#|(issuerRef|roleRef)\.(kind|name)|ca\.secretName|serviceAccountRef\.name|tools\.#\.agent\.(name|namespace))$/;
    const stacks = [
      filled(shipped({ edit: inProduction })),
      filled(shipped({ routing: "direct", admission: "native" })),
    ];
    const tried = new Set<string>();
    const printed = new Set<string>();
    for (const stack of stacks)
      for (const [index, object] of stack.entries())
        for (const path of paths(object).filter((path) => path.length > 1)) {
          if (["name", "namespace"].includes(String(path[1])) && path[0] === "metadata") continue;
          const shape = path.map((step) => (typeof step === "number" ? "#" : step)).join(".");
          const what = `${String(object.kind)} ${shape}`;
          const value = path.reduce<unknown>(
            (at, step) => (at as Record<string | number, unknown>)[step],
            object,
          );
          if (tried.has(what) || typeof value !== "string" || NAMES.test(shape)) continue;
          tried.add(what);
          const draft = new Draft(stack);
          replaceAt(draft.manifests[index] ?? {}, path, secret);
          const said = evaluate(RULES, planned(draft.manifests)).flatMap(({ findings }) =>
            findings.map(describeFinding),
          );
          if (said.some((message) => message.includes(secret))) printed.add(what);
        }
    assert.deepEqual([...printed], []);
    assert.ok(tried.size > 200, `${tried.size} fields`);
  });

  it("of 10,000 resources is read in proportion", function () {
    this.timeout(60_000);
    const topology = (tenants: number) => {
      const names = [...Array(tenants).keys()].map((index) => `team-${index}`);
      const settings = {
        description: "d",
        systemMessage: "s",
        model: "m",
        skills: [{ id: "a", name: "a", description: "a" }],
      };
      return {
        environment: "development",
        tenants: Object.fromEntries(names.map((name) => [name, {}])),
        agents: Object.fromEntries(names.map((name) => [`${name}/agent`, settings])),
        models: { m: { provider: "OpenAI", model: "x", apiKey: false, egress: { cidrs: ["192.0.2.0/24"] } } },
        platform: { outboundTraffic: "any" },
        delegations: names.flatMap((name, index) =>
          index % 2 === 0 ? [] : [{ from: `${name}/agent`, to: `team-${index - 1}/agent` }],
        ),
        cluster: { apiServer: { cidrs: ["198.51.100.0/24"] } },
      };
    };
    /** What the rules read: each value that they look at is asked about. */
    const work = (tenants: number): { objects: number; reads: number } => {
      const manifests = filled(manifestsOf(topology(tenants)));
      let reads = 0;
      const isEngineValue = (): boolean => {
        reads += 1;
        return false;
      };
      const results = evaluate(RULES, planned(manifests), { isEngineValue });
      const rules = results.filter(({ findings }) => findings.length > 0).map(({ rule }) => rule.name);
      // Made-up keys and tokens are refused; everything else passes.
      assert.deepEqual(rules, ["token-claims", "token-public-keys"]);
      return { objects: manifests.length, reads };
    };
    const small = work(100);
    const large = work(600);
    assert.ok(large.objects >= 10_000, `${large.objects} objects`);
    const perObject = ({ objects, reads }: typeof small) => reads / objects;
    assert.ok(perObject(large) < perObject(small) * 1.2, JSON.stringify([small, large]));
  });
});
