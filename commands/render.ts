/** `npm run render -- --stack dev --out DIR`: every planned manifest as YAML. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { refusalsOf } from "../components/engine/guard";
import { plan } from "../components/plan/plan";
import { render } from "../components/plan/render";
import { readStackFile, readTopology } from "../topology";
import { CommandError, run, stackFilePath } from "./shared";

/** Says that the folder was written by this command, so that it may be replaced. */
const MARKER = ".rendered-by-kagent-a2a";

interface Options {
  readonly stack: string;
  readonly config?: string;
  readonly out: string;
}

function prepareFolder(folder: string): void {
  try {
    if (existsSync(folder) && readdirSync(folder).length > 0) {
      if (!existsSync(join(folder, MARKER)))
        throw new CommandError(
          `${folder}: the folder holds files that this command did not write.\nName an empty or a new folder with --out.`,
        );
      for (const name of ["manifests", "releases", "audit"])
        rmSync(join(folder, name), { recursive: true, force: true });
    }
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, MARKER), "");
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      `${folder}: the folder cannot be written (${error instanceof Error && "code" in error ? error.code : error}).\nName another one with --out.`,
    );
  }
}

function write({ stack, config, out }: Options): void {
  const topology = readTopology(readStackFile(config ?? stackFilePath(stack)));
  const refusals = refusalsOf(plan(topology), topology);
  if (refusals.length > 0)
    throw new CommandError(
      [
        "The plan breaks rules of the policy pack; nothing was written.",
        ...refusals.map((reason) => `  ${reason}`),
      ].join("\n"),
    );
  const files = render(topology);
  const folder = resolve(out);
  prepareFolder(folder);
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  process.stdout.write(`${files.size} files in ${folder}\n`);
}

new Command("render")
  .description(
    "Writes every planned Kubernetes manifest as YAML, one file per layer and tenant, and the values of every Helm release. Needs no cluster, engine or network. " +
      "Values that only the engine knows are replaced by a marker that names them.",
  )
  .option("--stack <name>", "stack whose file Pulumi.<name>.yaml is read", "dev")
  .option("--config <file>", "stack file to read instead")
  .requiredOption("--out <folder>", "folder to write to; replaced when this command wrote it before")
  .action((options: Options) => run(() => write(options)))
  .parse();
