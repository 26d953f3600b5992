/**
 * `gator verify` over the planned templates and constraints: what Gatekeeper decides without a cluster. gator gives CEL no
 * namespace (3.23), so what depends on its labels is for `gatekeeper.test.ts`.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { plan } from "../../../components/plan/plan";
import { obtain } from "../../../sandbox/binaries";
import { readTopology } from "../../../topology";
import type { Doc } from "../../../verify/static/objects";
import { BUILDING_MS } from "../../support/controllers/plane";
import { orSkip } from "../../support/skip";
import { changed } from "../stack/admission/change";
import { guardedConfiguration } from "../stack/admission/suite";

interface Case {
  readonly name: string;
  readonly object: Doc;
  /** What the one violation says; none where it must pass. */
  readonly refused?: string;
}

describe("gator verify", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "gator-"));
  const objects = plan(readTopology({ ...guardedConfiguration(), admission: "gatekeeper" })).map(
    ({ manifest }) => manifest as Doc,
  );
  const one = (kind: string, name: string): Doc =>
    objects.find((object) => object.kind === kind && object.metadata.name === name) ??
    assert.fail(`${kind} ${name}`);
  let gator: string;

  before(async function () {
    this.timeout(BUILDING_MS);
    gator = (await orSkip(this, () => obtain(["gator"]))).gator.path;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const librarian = () => one("Agent", "librarian");
  const rogue = (labels: object) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "rogue", labels },
  });
  const SUITES: Readonly<Record<string, () => readonly Case[]>> = {
    KagentA2AAgents: () => [
      { name: "declared", object: librarian() },
      {
        name: "undeclared",
        object: changed(librarian(), { "metadata.name": "shadow" }),
        refused: "the delegation graph declares no such agent",
      },
      {
        name: "open to all",
        object: changed(librarian(), { "spec.allowedNamespaces": { from: "All" } }),
        refused: "spec.allowedNamespaces must be Same",
      },
      {
        name: "another account",
        object: changed(librarian(), { "spec.declarative.deployment.serviceAccountName": "orchestrator-sa" }),
        refused: "it must run as its own service account",
      },
    ],
    KagentA2AModelConfigs: () => [
      { name: "declared", object: one("ModelConfig", "gpt") },
      {
        name: "a token as API key",
        object: changed(one("ModelConfig", "gpt"), { "spec.apiKeySecret": "orchestrator-a2a-tokens" }),
        refused: "it names a Secret that holds none of this team's API keys",
      },
    ],
    KagentA2ANamespaces: () => [
      { name: "declared", object: one("Namespace", "team-alpha") },
      { name: "another", object: rogue({ team: "rogue" }) },
      {
        name: "self-granted",
        object: rogue({ "kagent.dev/agent-consumer": "true" }),
        refused: "may not carry the label kagent.dev/agent-consumer",
      },
      {
        name: "out of the mesh",
        object: changed(one("Namespace", "team-alpha"), { "metadata.labels.istio-injection": "disabled" }),
        refused: "is governed",
      },
    ],
  };

  /** Exit code and output of gator for one suite. */
  async function verify(
    name: string,
    kind: string,
    cases: readonly Case[],
  ): Promise<{ code: number; output: string }> {
    const at = join(folder, name);
    mkdirSync(at, { recursive: true });
    const write = (file: string, object: object) => {
      writeFileSync(join(at, file), stringify(object, { compat: "yaml-1.1" }));
      return file;
    };
    const constraint = objects.find((object) => object.kind === kind) ?? assert.fail(kind);
    write("suite.yaml", {
      apiVersion: "test.gatekeeper.sh/v1alpha1",
      kind: "Suite",
      tests: [
        {
          name: kind,
          template: write("template.yaml", one("ConstraintTemplate", kind.toLowerCase())),
          constraint: write("constraint.yaml", constraint),
          cases: cases.map(({ name, object, refused }, index) => ({
            name,
            object: write(`case-${index}.yaml`, object),
            assertions: [
              refused === undefined ? { violations: "no" } : { violations: "yes", message: refused },
            ],
          })),
        },
      ],
    });
    const answer = await promisify(execFile)(gator, ["verify", join(at, "suite.yaml"), "--verbose"]).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        output: stdout + stderr,
      }),
    );
    return answer;
  }

  for (const [kind, cases] of Object.entries(SUITES)) {
    it(`holds for ${kind}`, async () => {
      const { code, output } = await verify(kind, kind, cases());
      assert.equal(code, 0, output);
      assert.equal(output.match(/--- PASS/g)?.length, cases().length + 1, output);
    });

    it(`fails for ${kind} when an expectation is turned round`, async () => {
      for (const [index, one] of cases().entries()) {
        const { refused, ...rest } = one;
        const turned = refused === undefined ? { ...rest, refused: "anything" } : rest;
        const { code } = await verify(`${kind}-${index}`, kind, [turned]);
        assert.notEqual(code, 0, one.name);
      }
    });
  }
});
