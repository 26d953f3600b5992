/** `npm run docs`: writes docs/configuration.md from the schema; `--check` only says whether it is in step. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { configurationDocument } from "../topology/document";
import { CommandError, ROOT, run } from "./shared";

export const CONFIGURATION_PAGE = join(ROOT, "docs", "configuration.md");

new Command("docs")
  .description("Writes docs/configuration.md from the configuration's schema.")
  .option("--check", "write nothing; exit 1 when the page is out of step")
  .action(({ check }: { check?: boolean }) =>
    run(() => {
      const text = configurationDocument();
      if (check !== true) writeFileSync(CONFIGURATION_PAGE, text);
      else if (readFileSync(CONFIGURATION_PAGE, "utf8") !== text)
        throw new CommandError("docs/configuration.md is out of step with the schema.\nRun: npm run docs");
    }),
  )
  .parse();
