/** `npm run sandbox -- up|down|status`. */
import { join, resolve } from "node:path";
import { Command } from "commander";
import { OperationFailed } from "../operations/operate";
import { UserError } from "../system/errors";
import { LineProgress } from "../system/progress";
import { ConfigurationError, readStackFile } from "../topology";
import { exitCode } from "../verify/result";
import { controlPlaneStatus, SandboxHome } from "./control-plane";

// The engine and the program take a second to load: only the commands that deploy do.
const engine = () => require("./sandbox") as typeof import("./sandbox");

const root = join(__dirname, "..");

interface Options {
  readonly home: string;
  readonly config: string;
}

async function up({ home: folder, config }: Options): Promise<void> {
  const home = new SandboxHome(folder);
  const configuration = readStackFile(config);
  const { startSandbox } = engine();
  const { summary } = require("./summary") as typeof import("./summary");
  const progress = new LineProgress();
  const sandbox = await startSandbox({ home, configuration, progress });
  const { verifySandbox, verification } = require("./verification") as typeof import("./verification");
  const results = await progress.step("verifying the stack", () => verifySandbox(sandbox));
  process.stdout.write(summary(sandbox, home, resolve(config), verification(results)));
  process.exitCode = exitCode(results);
}

async function down({ home: folder }: Pick<Options, "home">): Promise<void> {
  const home = new SandboxHome(folder);
  if (!home.exists()) {
    process.stdout.write(`${home.path}: there is no sandbox.\n`);
    return;
  }
  const { removeSandbox } = engine();
  await removeSandbox({ home, progress: new LineProgress() });
  process.stdout.write(`${home.path}: the stack, its processes and the folder are gone.\n`);
}

async function status({ home: folder }: Pick<Options, "home">): Promise<void> {
  const { state, url, processes } = await controlPlaneStatus(new SandboxHome(folder));
  process.stdout.write(`The sandbox is ${state}${url ? ` at ${url}` : ""}.\n`);
  for (const { name, pid, log } of processes) {
    process.stdout.write(
      `  ${name.padEnd(24)} ${pid === undefined ? "does not run" : `process ${pid}`}  ${log}\n`,
    );
  }
  if (state !== "ready") process.exitCode = 1;
}

function fail(error: unknown): void {
  const known = [UserError, ConfigurationError, OperationFailed].some((kind) => error instanceof kind);
  process.stderr.write(`${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = error instanceof UserError ? error.exitCode : 1;
}

const program = new Command("sandbox").description(
  "An embedded control plane on this machine, with the stack deployed on it. Needs no cluster and no account.",
);
const home = ["--home <folder>", "folder that holds everything", join(root, ".sandbox")] as const;
const config = [
  "--config <file>",
  "stack file whose topology is deployed",
  join(root, "Pulumi.dev.yaml"),
] as const;
program
  .command("up")
  .description("start it, or bring it up to date")
  .option(...home)
  .option(...config)
  .action(up);
program
  .command("down")
  .description("destroy the stack, stop every process and remove the folder")
  .option(...home)
  .action(down);
program
  .command("status")
  .description("say what runs; exit 0 only if all of it does")
  .option(...home)
  .action(status);
program.parseAsync().catch(fail);
