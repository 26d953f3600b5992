/** The official download of a resource plugin, bounded so that a closed network costs seconds. */
import { readdirSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { run } from "../../system/run";
import { installed } from "./install";
import type { ServedPackage } from "./versions";

export type Reach = () => Promise<boolean>;

/** Source: pulumi/pulumi sdk/go/common/workspace/plugins.go (newGithubSource, newGetPulumiSource). */
const HOSTS = ["get.pulumi.com", "api.github.com"];
const CONNECT_MS = 2000;
/** A download that stands still this long is given up. */
const STANDSTILL_MS = 15_000;

/** Whether plugins can be downloaded at all: the CLI alone would try for ten seconds and more to find out. */
export const reachesDownloads: Reach = async () => {
  const proxy = process.env.HTTPS_PROXY || process.env.https_proxy;
  const targets = proxy ? [proxyAddress(proxy)] : HOSTS.map((host) => ({ host, port: 443 }));
  const answers = await Promise.all(targets.map(({ host, port }) => answersAt(host, port)));
  return answers.includes(true);
};

function proxyAddress(proxy: string): { host: string; port: number } {
  const url = new URL(proxy.includes("://") ? proxy : `http://${proxy}`);
  return { host: url.hostname, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) };
}

function answersAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** Installs the plugin in a PULUMI_HOME of its own. Answers undefined, or why it did not come. */
export async function downloadPlugin(
  pulumiBinary: string,
  home: string,
  name: ServedPackage,
  version: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const temporary = join(home, "tmp");
  await mkdir(temporary, { recursive: true });
  const standstill = new AbortController();
  const watch = watchStandstill(home, () => standstill.abort(new Error("standstill")));
  try {
    const { code, output } = await run(pulumiBinary, ["plugin", "install", "resource", name, `v${version}`], {
      env: { ...process.env, PULUMI_HOME: home, TMPDIR: temporary, PULUMI_SKIP_UPDATE_CHECK: "true" },
      signal: signal ? AbortSignal.any([signal, standstill.signal]) : standstill.signal,
    });
    if (code === 0 && installed(home, name) === "official") return undefined;
    return `"pulumi plugin install resource ${name} v${version}" failed: ${lastLine(output)}`;
  } catch (error) {
    if (!standstill.signal.aborted) throw error;
    return `the download of ${name} v${version} stood still for ${STANDSTILL_MS / 1000} s`;
  } finally {
    clearInterval(watch);
  }
}

function watchStandstill(folder: string, onStandstill: () => void): NodeJS.Timeout {
  let size = 0;
  let grewAt = Date.now();
  return setInterval(() => {
    const now = sizeOf(folder);
    if (now !== size) {
      size = now;
      grewAt = Date.now();
    } else if (Date.now() - grewAt > STANDSTILL_MS) onStandstill();
  }, 1000);
}

function sizeOf(folder: string): number {
  let size = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    // Files come and go while the plugin is unpacked.
    if (entry.isFile())
      size += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return size;
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
