/** Every command of the README's table explains itself, and does nothing else. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(__dirname, "../../..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Readonly<Record<string, string>> };

/** Scripts of a row: `npm run preview\|up -- --stack dev` stands for two. */
const scriptsOf = (row: string): string[] =>
  (/^\| `npm (?:run )?([^\s`]+)/.exec(row)?.[1] ?? "").split("\\|").filter((name) => name !== "");

/** When each file of the repository was changed; of folders, too, so that a file that came and went shows. */
function changes(folder: string): [path: string, time: number][] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !["node_modules", ".git", ".sandbox"].includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const own: [string, number] = [path, statSync(path).mtimeMs];
      return entry.isDirectory() ? [own, ...changes(path)] : [own];
    });
}

describe("--help", function () {
  this.timeout(60_000);
  const named = new Set(read("README.md").split("\n").flatMap(scriptsOf));

  it("is asked of every script but those that `npm test` runs", () => {
    const inner = ["lint", "format", "typecheck"];
    const others = Object.keys(scripts).filter((name) => !inner.includes(name));
    assert.deepEqual([...named].sort(), others.sort());
  });

  for (const name of named)
    it(`of npm run ${name} prints a usage, and writes nothing`, () => {
      // As npm runs it; what stands before it, formatter and types, has no say in it.
      const own = scripts[name]?.split("&&").at(-1)?.trim();
      const before = changes(root);
      const { status, stdout, stderr } = spawnSync(`${own} --help`, {
        shell: true,
        encoding: "utf8",
        cwd: root,
        env: {
          ...process.env,
          PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}`,
        },
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^Usage: /m);
      assert.deepEqual(changes(root), before);
    });
});
