/** `npm run versions`: the bill of materials, and with network what is newer. Without network it says so, and ends well. */
import { Command } from "commander";
import { BILL_OF_MATERIALS } from "../components/platform/bill-of-materials";
import { type PlannedRelease, releases } from "../components/platform/index";
import { chartVersions, newerThan } from "../operations/chart-versions";
import { reasonOf } from "../system/errors";
import { kagent, readStackFile, readTopology } from "../topology";
import { run, stackFilePath } from "./shared";

interface Options {
  readonly stack: string;
  readonly offline?: boolean;
}

async function newer({ system, repository, chart, version }: PlannedRelease): Promise<string> {
  const range = system === "kagent" ? kagent.KAGENT_VERSION_RANGE : "*";
  try {
    const { patch, newest } = newerThan(version, await chartVersions(repository, chart, fetch), range);
    const found = [...(patch ? [`${patch} of the same line`] : []), ...(newest ? [newest] : [])];
    return found.length === 0 ? "nothing newer" : `newer: ${found.join(", ")}`;
  } catch (error) {
    return `not known what is newer (${reasonOf(error).split("\n")[0]})`;
  }
}

async function print({ stack, offline = false }: Options): Promise<void> {
  const installed = releases(readTopology(readStackFile(stackFilePath(stack))));
  const news = await Promise.all(
    installed.map((release) => (offline ? "not asked what is newer" : newer(release))),
  );
  for (const [index, release] of installed.entries()) {
    const { chart, repository, version } = release;
    const { kubernetes, reason, version: shipped } = BILL_OF_MATERIALS[chart];
    const isOwn = version !== shipped && ` (shipped: ${shipped})`;
    process.stdout.write(
      [
        `${chart} ${version}${isOwn || ""}`,
        `  from ${repository}`,
        `  Kubernetes ${kubernetes.min} to ${kubernetes.max}; ${news[index]}`,
        `  ${reason}`,
        "",
      ].join("\n"),
    );
  }
  const isUnknown = news.length > 0 && news.every((line) => line.startsWith("not known"));
  if (isUnknown)
    process.stdout.write("No repository could be asked: without network nobody knows what is newer.\n");
}

new Command("versions")
  .description(
    "Prints the charts that a stack installs: version, origin, range of Kubernetes, reason, and what is newer.",
  )
  .option("--stack <name>", "stack whose file Pulumi.<name>.yaml is read", "dev")
  .option("--offline", "do not ask the repositories what is newer")
  .action((options: Options) => run(() => print(options)))
  .parse();
