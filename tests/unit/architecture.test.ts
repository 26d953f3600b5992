import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const root = join(__dirname, "../..");

const PLANNING = ["components/layers", "components/plan", "components/platform", "components/tenants"];

/** What the files of a folder may import of other folders; itself is always allowed. As docs/architecture.md has it. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  topology: [],
  system: [],
  "policy-pack": ["topology"],
  ...Object.fromEntries(PLANNING.map((folder) => [folder, ["topology", ...PLANNING]])),
  "components/outputs.ts": ["topology", "package.json", ...PLANNING],
  "components/engine": ["topology", "policy-pack", ...PLANNING],
  "index.ts": ["topology", "components/engine", "components/outputs.ts", ...PLANNING],
  operations: ["topology", "system", "policy-pack", ...PLANNING],
  // Says what the graph says, so it must not see what it is held against.
  "verify/static/oracle": ["topology", "verify/static"],
};

const folders = Object.keys(ALLOWED).sort((a, b) => b.length - a.length);
const placeOf = (path: string): string =>
  folders.find((folder) => path === folder || `${path}.ts` === folder || path.startsWith(`${folder}/`)) ??
  path;

function sources(folder: string): string[] {
  if (folder.endsWith(".ts")) return [folder];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(".ts") && placeOf(path) === folder);
}

const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), "utf8").matchAll(/(?:from|import|require\()\s*"([^"]+)"/g)].map(
    ([, specifier = ""]) => specifier,
  );

const within = (place: string, allowed: readonly string[]): boolean =>
  allowed.some((folder) => place === folder || place.startsWith(`${folder}/`));

describe("arrows go one way", () => {
  for (const [folder, allowed] of Object.entries(ALLOWED))
    it(`${folder} imports ${allowed.length === 0 ? "nothing of the project" : `only ${allowed.join(", ")}`}`, () => {
      const files = sources(folder);
      assert.ok(files.length > 0, "there is no such folder");
      for (const file of files)
        for (const specifier of importsOf(file).filter((name) => name.startsWith("."))) {
          const place = placeOf(normalize(join(dirname(file), specifier)));
          assert.ok(within(place, [folder, ...allowed]), `${file} imports ${specifier}`);
        }
    });

  it("only components/engine knows Pulumi, besides the program and what runs it", () => {
    for (const folder of ["topology", "system", ...PLANNING])
      for (const file of sources(folder))
        for (const specifier of importsOf(file))
          assert.doesNotMatch(specifier, /^@pulumi\//, `${file} imports ${specifier}`);
  });
});
