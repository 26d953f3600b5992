/** The real runtime of declarative agents: kagent-adk from PyPI, with a Python that this machine has. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../sandbox/binaries/cache";
import { installWheels } from "../../sandbox/binaries/pip";
import { run } from "../../system/run";

export interface RuntimePackages {
  /** Program that runs Python. */
  readonly python: string;
  /** Folder with the packages. */
  readonly packages: string;
  /** Of Python and of the packages that speak for the runtime. */
  readonly versions: Readonly<Record<string, string>>;
}

const PYTHON_VARIABLE = "KAGENT_A2A_PYTHON";
/** Versions of CPython for which the list of packages has wheels; kagent-adk 0.10.4 itself asks for 3.11 or newer. */
const PYTHONS = ["3.11", "3.12", "3.13", "3.14"];
const NAMED = ["kagent-adk", "a2a-sdk", "google-adk", "openai"];

/** From the cache or PyPI; or the reason why there is none, as a sentence. */
export async function obtainRuntime(
  env = process.env,
  signal?: AbortSignal,
): Promise<RuntimePackages | { readonly missing: string }> {
  const found = await findPython(env);
  if ("missing" in found) return found;
  const { python, version } = found;
  const requirements = readFileSync(join(__dirname, "kagent-adk.txt"), "utf8");
  const pinned = new Map(
    [...requirements.matchAll(/^([\w.-]+)==(\S+)/gm)].map(([, name = "", its = ""]) => [name, its]),
  );
  const digest = createHash("sha256").update(requirements).digest("hex").slice(0, 12);
  const minor = version.split(".").slice(0, 2).join(".");
  const entry = `kagent-adk-${pinned.get("kagent-adk")}-python${minor}-${digest}`;
  const cache = cacheFolder(env);
  const packages = join(cache, entry);
  const versions = Object.fromEntries([
    ["Python", version],
    ...NAMED.map((name) => [name, pinned.get(name) ?? ""]),
  ]);
  const work = { python, requirements, cache, entry, env, ...(signal && { signal }) };
  const missing = existsSync(packages) ? undefined : await installWheels(work);
  if (missing !== undefined)
    return { missing: `There is no kagent-adk for ${python} (Python ${version}): ${missing}.` };
  return { python, packages, versions };
}

async function findPython(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly python: string; readonly version: string } | { readonly missing: string }> {
  const named = env[PYTHON_VARIABLE];
  const names = named ? [named] : ["python3", ...PYTHONS.map((version) => `python${version}`).reverse()];
  const seen: string[] = [];
  for (const name of names) {
    const script = "import platform, sys; print(sys.executable, platform.python_version())";
    const { code, output } = await run(name, ["-c", script], { env });
    const [, python = "", version = ""] = /^(\S+) (\d+\.\d+\.\d+)\s*$/.exec(output) ?? [];
    if (code !== 0 || version === "") continue;
    if (PYTHONS.some((minor) => version.startsWith(`${minor}.`))) return { python, version };
    seen.push(`${name} is ${version}`);
  }
  const instead = seen.length === 0 ? "" : ` (${seen.join(", ")})`;
  return {
    missing:
      `The agents' runtime needs Python ${PYTHONS[0]} to ${PYTHONS.at(-1)}, and there is none` +
      `${named ? ` in ${PYTHON_VARIABLE}` : " on the PATH"}${instead}. Install one with pip, or name it in ${PYTHON_VARIABLE}.`,
  };
}
