/** What holds for every rule: it has its cases, its documentation, and passes on everything that the program plans. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineValue } from "../../components/plan/manifest";
import { describeFinding } from "../../policy-pack/framework/finding";
import { evaluate, planned } from "../../policy-pack/framework/manifests";
import { RULE_LAYERS } from "../../policy-pack/framework/rule";
import { RULES } from "../../policy-pack/rules/index";
import { inProduction } from "../support/configurations";
import { ALL_CASES } from "./support/cases";
import { currentDigests, REVIEW_FILE } from "./support/review-admission";
import { shipped, VARIANTS } from "./support/stacks";
import "./rules/admission.test";
import "./rules/audit.test";
import "./rules/identity.test";
import "./rules/identity-users.test";
import "./rules/network.test";
import "./rules/network-other-policies.test";
import "./rules/pod-security.test";
import "./rules/rbac.test";
import "./rules/reconciler.test";
import "./rules/secrets.test";
import "./rules/supply-chain.test";
import "./rules/token.test";

const folder = join(__dirname, "..", "..", "policy-pack", "rules");

describe("every rule", () => {
  it("has compliant, violating, not applicable and unknown-value cases", () => {
    assert.deepEqual(
      RULES.map(({ name }) => name).filter(
        (name) => Object.keys(ALL_CASES.get(name)?.violating ?? {}).length === 0,
      ),
      [],
    );
    assert.equal(ALL_CASES.size, RULES.length);
  });

  it("stands in a file of its name, below its layer", () => {
    const files = RULE_LAYERS.flatMap((layer) =>
      readdirSync(join(folder, layer)).map((file) => `${layer}-${file.replace(/\.ts$/, "")}`),
    );
    assert.deepEqual(files.sort(), RULES.map(({ name }) => name).sort());
    for (const { name, layer } of RULES) assert.ok(name.startsWith(`${layer}-`), name);
  });

  it("says what it wants, why, and what to write", () => {
    for (const { name, description, why, remediation } of RULES) {
      assert.match(description, /^\S.*\.$/, name);
      assert.match(why, /^\S.*[.)]$/, name);
      assert.ok(remediation.length > 0, name);
    }
  });

  it("passes the stack that ships with everything that production demands", () => {
    for (const variant of VARIANTS) {
      const results = evaluate(RULES, planned(shipped({ ...variant, edit: inProduction })), {
        isEngineValue: (value) => value instanceof EngineValue,
      });
      assert.deepEqual(
        results.flatMap(({ findings }) => findings.map(describeFinding)),
        [],
      );
    }
  });

  for (const variant of VARIANTS)
    it(`passes the stack that ships: routing ${variant.routing}, admission ${variant.admission}`, () => {
      const results = evaluate(RULES, planned(shipped(variant)), {
        isEngineValue: (value) => value instanceof EngineValue,
      });
      assert.deepEqual(
        results.flatMap(({ findings }) => findings.map(describeFinding)),
        [],
      );
    });
});

describe("the pack", () => {
  it("imports nothing of the program that it checks", () => {
    const pack = join(folder, "..");
    const imports = readdirSync(pack, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [...readFileSync(join(pack, file), "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from),
      );
    assert.deepEqual(
      [...new Set(imports)].filter((from) => /(components|sandbox|operations|tests)\//.test(from ?? "")),
      [],
    );
  });

  it("knows the CEL that the program deploys as reviewed", () => {
    assert.ok(existsSync(REVIEW_FILE));
    assert.deepEqual(
      JSON.parse(readFileSync(REVIEW_FILE, "utf8")),
      currentDigests(),
      "the CEL of components/layers/admission changed: read the change, then run `npm run policies:review`",
    );
  });
});
