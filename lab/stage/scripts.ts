/** The scripts of `pod/` as plain JavaScript: Node.js starts them ten times as fast as with a loader. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as typescript from "typescript";

export type ScriptName = "application" | "resolver" | "controller" | "model" | "sender";

export function compileScript(name: ScriptName, folder: string): string {
  const source = readFileSync(join(__dirname, "..", "pod", `${name}.ts`), "utf8");
  const { outputText } = typescript.transpileModule(source, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  const path = join(folder, `${name}.cjs`);
  writeFileSync(path, outputText);
  return path;
}
