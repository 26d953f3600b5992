/** `npm run lab -- --stack dev`. Exit 0: everything is as declared; 1: something is not; 2: it could not run. */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { run, stackFilePath } from "../commands/shared";
import { fileError, UserError } from "../system/errors";
import { LineProgress } from "../system/progress";
import { ConfigurationError, readStackFile } from "../topology";
import { printReport } from "./print";
import { isProven } from "./report";
import { runLab } from "./run";
import { SCENARIOS, type Scenario } from "./scenarios/names";

interface Options {
  readonly stack: string;
  readonly config?: string;
  readonly routing?: "gateway" | "direct";
  readonly scenarios: readonly Scenario[];
  readonly every: boolean;
  readonly json?: string;
}

const COULD_NOT_RUN = 2;

async function lab({ stack, config, routing, scenarios, every, json }: Options): Promise<void> {
  try {
    const configuration = readStackFile(config ?? stackFilePath(stack));
    const report = await runLab({
      configuration: routing === undefined ? configuration : { ...configuration, routing },
      scenarios,
      mutations: { ofASort: every ? Number.MAX_SAFE_INTEGER : 2 },
      progress: new LineProgress(),
    });
    process.stdout.write(`${printReport(report)}\n`);
    if (json !== undefined) write(json, `${JSON.stringify(report, null, 2)}\n`);
    process.exitCode = isProven(report) ? 0 : 1;
  } catch (error) {
    const isKnown = error instanceof UserError || error instanceof ConfigurationError;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${isKnown ? message : stack}\n`);
    process.exitCode = error instanceof UserError && error.exitCode > 128 ? error.exitCode : COULD_NOT_RUN;
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw fileError(error, "write the report", file);
  }
}

const program = new Command("lab")
  .description("Runs a topology's layers in the real parts, on this machine, and asks them who may do what.")
  .option("--stack <name>", "stack whose file is read", "dev")
  .option("--config <file>", "stack file, in the place of a stack's own")
  .addOption(
    new Option("--routing <way>", "in the place of the configuration's").choices(["gateway", "direct"]),
  )
  .addOption(
    new Option("--scenarios <names...>", "what to do").choices(SCENARIOS).default(["matrix"], "matrix"),
  )
  .option("--every", "every mutation there is, and not two of each sort", false)
  .option("--json <file>", "also write the whole report there")
  .action((options: Options) => run(() => lab(options)));
void program.parseAsync();
