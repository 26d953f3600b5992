import { readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../system/run";
import type { Work } from "./download";
import type { Build } from "./entry";
import { currentPlatform } from "./platform";
import { Unavailable } from "./unavailable";

const modules = join(__dirname, "..", "builds");

/** The oldest Go that builds a module, from its go.mod. */
export function requiredGo(build: Build): string {
  const goMod = readFileSync(join(modules, build.module, "go.mod"), "utf8");
  return /^go (\d+\.\d+)/m.exec(goMod)?.[1] ?? "";
}

/** One at a time: a build uses every processor, and more memory than two of them should. */
let lastBuild: Promise<unknown> = Promise.resolve();

/** Builds a binary from source with the Go on the PATH. Throws `Unavailable` when that does not work. */
export async function build(name: string, wanted: Build, work: Work): Promise<void> {
  work.detail("waiting for another build");
  const turn = lastBuild.then(() => buildNow(name, wanted, work));
  lastBuild = turn.catch(() => {});
  return turn;
}

async function buildNow(name: string, wanted: Build, { folder, env, signal, detail }: Work): Promise<void> {
  detail("building from source");
  const { os, arch } = currentPlatform();
  const variables = Object.entries(wanted.variables).map(([path, value]) => `-X ${path}=${value}`);
  const args = [
    "build",
    "-trimpath",
    "-buildvcs=false",
    `-ldflags=${["-s", "-w", ...variables].join(" ")}`,
    `-o=${join(folder, "bin", name)}`,
    wanted.package,
  ];
  const { code, output } = await run("go", args, {
    cwd: join(modules, wanted.module),
    // What the user has set for other projects must not change this build.
    env: { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off", GOOS: os, GOARCH: arch },
    signal,
  });
  if (code === undefined) throw new Unavailable("Go is not on the PATH");
  if (code !== 0) {
    const lines = output.trim().split("\n").slice(-3);
    throw new Unavailable(`"go build ${wanted.package}" failed: ${lines.join(" / ")}`);
  }
}
