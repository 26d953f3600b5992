/** `npm run docs`: writes the pages that are generated from sources; `--check` only says whether they are in step. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { POLICIES_FILE, policiesPage } from "../policy-pack/docs";
import { configurationDocument } from "../topology/document";
import { CommandError, ROOT, run } from "./shared";

const PAGES: readonly (readonly [file: string, text: () => string])[] = [
  [join(ROOT, "docs", "configuration.md"), configurationDocument],
  [POLICIES_FILE, policiesPage],
];

function write(): void {
  for (const [file, text] of PAGES) {
    writeFileSync(file, text());
    process.stdout.write(`${file} is up to date.\n`);
  }
}

function check(): void {
  const stale = PAGES.filter(([file, text]) => readFileSync(file, "utf8") !== text()).map(([file]) => file);
  if (stale.length > 0) throw new CommandError(`Out of step: ${stale.join(", ")}.\nRun: npm run docs`);
}

new Command("docs")
  .description(
    "Writes docs/configuration.md from the configuration's schema, and docs/policies.md from the rules.",
  )
  .option("--check", "write nothing; exit 1 when a page is out of step")
  .action((options: { check?: boolean }) => run(options.check ? check : write))
  .parse();
