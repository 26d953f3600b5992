/**
 * Where resource plugins lie, and the offline provider's place among them. The engine starts
 * `$PULUMI_HOME/plugins/resource-<name>-v<version>/pulumi-resource-<name>`.
 * Source: pulumi/pulumi sdk/go/common/workspace/plugins.go (PluginSpec.Dir, getPluginPath).
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageVersion, SERVED_PACKAGES, type ServedPackage } from "./versions";

/** Beside the plugin's executable: this one is ours and gives way to the official one. */
const MARKER = "offline-provider";

export interface PluginPlace {
  folder: string;
  executable: string;
  marker: string;
}

export function pluginPlace(pulumiHome: string, name: ServedPackage): PluginPlace {
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${packageVersion(name)}`);
  return { folder, executable: join(folder, `pulumi-resource-${name}`), marker: join(folder, MARKER) };
}

export type Installed = "official" | "offline" | "none";

export function installed(pulumiHome: string, name: ServedPackage): Installed {
  const { folder, executable, marker } = pluginPlace(pulumiHome, name);
  // The engine leaves this file where an installation did not finish.
  if (!existsSync(executable) || existsSync(`${folder}.partial`)) return "none";
  return existsSync(marker) ? "offline" : "official";
}

export function officialPluginsInstalled(pulumiHome: string): boolean {
  return SERVED_PACKAGES.every((name) => installed(pulumiHome, name) === "official");
}

/** Puts the offline provider where no official plugin is; what is installed already is brought up to date. */
export async function installOfflineProviders(pulumiHome: string): Promise<void> {
  for (const name of SERVED_PACKAGES) {
    if (installed(pulumiHome, name) !== "official") await installOffline(pulumiHome, name);
  }
}

async function installOffline(pulumiHome: string, name: ServedPackage): Promise<void> {
  const { folder, executable, marker } = pluginPlace(pulumiHome, name);
  // What is there is ours, half of an official installation, or links to one that is gone.
  if (!existsSync(marker)) await rm(folder, { recursive: true, force: true });
  await rm(`${folder}.partial`, { force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(marker, `The ${name} provider of this project's sandbox, not the official plugin.\n`);
  // Renamed into place, so that an engine that starts meanwhile never runs half a file.
  const draft = `${executable}.${process.pid}`;
  await writeFile(draft, wrapper(name));
  await chmod(draft, 0o755);
  await rename(draft, executable);
}

/**
 * `tsx/cjs` alone starts in half the time of `--import tsx`, which also hooks into modules that are not needed here.
 * NODE_OPTIONS of the caller (a debugger, a loader) are meant for the caller.
 */
function wrapper(name: ServedPackage): string {
  const loader = quote(require.resolve("tsx/cjs"));
  const main = quote(join(__dirname, "main.ts"));
  return `#!/bin/sh\nunset NODE_OPTIONS\nexec ${quote(process.execPath)} --require ${loader} ${main} ${name} "$@"\n`;
}

function quote(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
