import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { stringify } from "yaml";
import { stackFilePath } from "../../commands/shared";
import { render } from "../../components/plan/render";
import { policyPack } from "../../policy-pack/attach";
import { asJson, asText, checkFolder, isRefused } from "../../policy-pack/check";
import { POLICIES_FILE, policiesPage } from "../../policy-pack/docs";
import { documentation } from "../../policy-pack/framework/rule";
import { RULES } from "../../policy-pack/rules/index";
import { readStackFile, readTopology } from "../../topology";
import { Draft, type Loose } from "./support/draft";
import { withEngineValues } from "./support/engine";
import { shipped } from "./support/stacks";

const NOW = new Date("2026-11-24T12:00:00Z");

describe("check --dir", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-check-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (file: string, ...documents: unknown[]) => {
    mkdirSync(join(folder, "manifests"), { recursive: true });
    const texts = documents.map((document) =>
      typeof document === "string" ? document : stringify(document),
    );
    writeFileSync(join(folder, file), texts.join("---\n"));
  };
  const writeRendered = (stack: string) => {
    for (const [path, text] of render(readTopology(readStackFile(stackFilePath(stack))))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  const check = () => checkFolder(folder, policyPack.configFile, NOW);
  const rendered = (manifests: readonly unknown[] = shipped()) =>
    manifests.map(
      (object) => withEngineValues(object, (name) => `<known to the engine only: ${name}>`) as Loose,
    );
  const place = (file: string) => relative(".", join(folder, file));

  it("passes what this program renders, and says what only up can check", () => {
    write("manifests/all.yaml", ...rendered());
    const result = check();
    assert.equal(isRefused(result), false, asText(result));
    assert.match(asText(result), /checked at up: token-claims on Secret team-alpha\/orchestrator-a2a-tokens/);
    assert.match(asText(result), /objects in 1 files, \d+ rules that apply, nothing refused\.\n$/);
  });

  for (const stack of ["dev", "prod"])
    it(`passes every file that is rendered of stack ${stack}, values of Helm releases too`, () => {
      writeRendered(stack);
      const result = check();
      assert.equal(isRefused(result), false, asText(result));
      assert.ok(result.verdict.rulesThatApply > 80, "no rule on releases applies");
    });

  it("names a document with aliases that cannot be followed, and a link to nowhere, and reads on", () => {
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, before] of ["ba", "cb", "dc", "ed"])
      bomb.push(`${name}: &${name} [${`*${before}, `.repeat(9)}]`);
    write("manifests/1-alias.yaml", "apiVersion: v1\nkind: Secret\nmetadata: *nobody\n");
    write("manifests/2-bomb.yaml", `${bomb.join("\n")}\n`);
    symlinkSync("nowhere", join(folder, "manifests/3-link.yaml"));
    write("manifests/4-all.yaml", ...rendered());
    const result = check();
    assert.deepEqual(
      result.problems.map(({ file, message }) => `${relative(place("manifests"), file)}: ${message}`),
      [
        "1-alias.yaml: no YAML: Unresolved alias (the anchor must be set before the alias): nobody",
        "2-bomb.yaml: no YAML: Excessive alias count indicates a resource exhaustion attack",
        "3-link.yaml: cannot be read.",
      ],
    );
    assert.deepEqual(result.verdict.refusals, []);
    assert.ok(isRefused(result));
  });

  it("merges `<<`, as kubectl does", () => {
    write("manifests/all.yaml", ...rendered());
    write(
      "manifests/merged.yaml",
      "x: &spec {type: LoadBalancer}\napiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: team-alpha}\nspec: {<<: *spec}\n",
    );
    assert.match(
      asText(check()),
      /network-no-external-services: Service team-alpha\/a \(v1\), spec\.type: must be ClusterIP/,
    );
  });

  it("holds the values of a Helm release to the rules on releases, with the command above them", () => {
    writeRendered("dev");
    const file = join(folder, "releases/kagent.yaml");
    const values = readFileSync(file, "utf8");
    writeFileSync(file, values.replace("--version 0.10.4", "--version 1.0.2"));
    assert.match(asText(check()), /releases\/kagent\.yaml, document 1: supply-chain-kagent-line: /);
    writeFileSync(file, values.replace("oci://ghcr.io/kagent-dev", "oci://elsewhere.example.com"));
    assert.match(asText(check()), /releases\/kagent\.yaml, document 1: supply-chain-known-repository: /);
    writeFileSync(
      file,
      values.replace(/kagent-tools:\n {2}enabled: false/, "kagent-tools:\n  enabled: true"),
    );
    assert.match(asText(check()), /releases\/kagent\.yaml, document 1: supply-chain-kagent-values: /);
    writeFileSync(file, values.replace(" --wait", " --create-namespace"));
    assert.match(asText(check()), /releases\/kagent\.yaml, document 1: supply-chain-owned-release: /);
  });

  it("lets no object pass as values: kubectl would apply it", () => {
    writeRendered("dev");
    const command = readFileSync(join(folder, "releases/kagent.yaml"), "utf8").split("\n")[0];
    const open = { apiVersion: "v1", kind: "Namespace", metadata: { name: "team-beta", labels: {} } };
    writeFileSync(join(folder, "releases/more.yaml"), `${command}\n${stringify(open)}`);
    assert.match(asText(check()), /releases\/more\.yaml, document 1: .*Namespace team-beta/);
    writeFileSync(join(folder, "releases/more.yaml"), stringify({ replicas: 1 }));
    assert.match(asText(check()), /releases\/more\.yaml, document 1: admission-literal-identity: /);
  });

  it("names file and document of each violation", () => {
    const open = new Draft(rendered()).set("NetworkPolicy team-beta/default-deny", "spec.ingress", [{}]);
    const policy = open.get("NetworkPolicy team-beta/default-deny");
    write("manifests/rest.yaml", ...open.manifests.filter((object) => object !== policy));
    write(
      "manifests/z.yaml",
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } },
      policy,
    );
    const result = check();
    assert.ok(isRefused(result));
    assert.ok(
      asText(result).includes(
        `${place("manifests/z.yaml")}, document 2: network-no-open-peers: NetworkPolicy team-beta/default-deny (networking.k8s.io/v1), spec.ingress[0].from: admits more than one named set of pods. Name namespace and pod labels.\n    docs/policies.md#network-no-open-peers\n`,
      ),
      asText(result),
    );
    const json = JSON.parse(asJson(result)) as {
      refused: boolean;
      findings: { rule: string; file: string; document: number }[];
    };
    assert.equal(json.refused, true);
    const found = json.findings.find(({ rule }) => rule === "network-no-open-peers");
    assert.equal(found?.file, place("manifests/z.yaml"));
    assert.equal(found?.document, 2);
  });

  it("reads an audit policy like any other document", () => {
    write("audit.yaml", {
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      rules: [{ level: "RequestResponse" }],
    });
    const text = asText(check());
    assert.match(
      text,
      /audit-no-secret-bodies: Policy without name \(audit\.k8s\.io\/v1\), rules\[0\]: logs the bodies of secrets/,
    );
  });

  it("refuses what it cannot read, and a folder with nothing in it", () => {
    assert.equal(
      asText(check()).split("\n")[0],
      "There is no Kubernetes object in this folder: nothing was checked.",
    );
    assert.ok(isRefused(check()));
    write("broken.yaml", "a: [1\n");
    write("text.yaml", "just words\n");
    const text = asText(check());
    assert.match(text, /broken\.yaml, document 1: no YAML: /);
    assert.match(text, /text\.yaml, document 1: no Kubernetes object: a map is expected\./);
  });

  it("sees that a missing separator drops an object", () => {
    const [first, second] = rendered();
    writeFileSync(join(folder, "joined.yaml"), `${stringify(first)}${stringify(second)}`);
    assert.match(asText(check()), /joined\.yaml, document 1: no YAML: Map keys must be unique/);
  });
});

describe("docs/policies.md", () => {
  const page = readFileSync(POLICIES_FILE, "utf8");

  it("is what the pack says", () => {
    assert.equal(page, policiesPage(), "run `npm run docs`");
  });

  it("has the entry that each rule links to", () => {
    for (const rule of RULES) {
      const [, anchor] = documentation(rule).split("#");
      assert.ok(page.includes(`\n### ${anchor}\n`), rule.name);
    }
    for (const anchor of ["exemptions", "notices"]) assert.ok(page.includes(`\n## ${anchor}\n`));
  });
});
