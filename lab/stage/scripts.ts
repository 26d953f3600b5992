/** The scripts of `pod/` as plain JavaScript: Node.js starts them ten times as fast as with a loader. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as typescript from "typescript";

export type ScriptName = "application" | "resolver" | "controller" | "model" | "sender";

export function compileScript(name: ScriptName, folder: string): string {
  const path = join(folder, `${name}.cjs`);
  // Once: whoever starts meanwhile would read what is only half written.
  if (existsSync(path)) return path;
  const source = readFileSync(join(__dirname, "..", "pod", `${name}.ts`), "utf8");
  const { outputText } = typescript.transpileModule(source, {
    compilerOptions: { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 },
  });
  writeFileSync(path, outputText);
  return path;
}
