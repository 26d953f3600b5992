/**
 * The resource plugins of the sandbox, each from the first of: this PULUMI_HOME, the user's own one, the official
 * download, the offline provider.
 */
import { mkdir, readdir, rename, rm, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Progress, silent } from "../../system/progress";
import { downloadPlugin, type Reach, reachesDownloads } from "./download";
import { installed, installOfflineProviders, pluginPlace } from "./install";
import { packageVersion, SERVED_PACKAGES, type ServedPackage } from "./versions";

export interface ObtainPluginsOptions {
  progress?: Progress;
  signal?: AbortSignal;
  /** Whether the places that plugins come from answer; for tests. */
  reach?: Reach;
  /** Where the user's own plugins may be; for tests. */
  otherHomes?: string[];
}

export interface PluginsInUse {
  official: ServedPackage[];
  offline: ServedPackage[];
  /** Why the official plugins are not in use; empty when they are. */
  reason: string;
}

/** Why a download failed, by PULUMI_HOME: it is not tried again in the same run. */
const failures = new Map<string, string>();

export async function obtainPlugins(
  pulumiHome: string,
  pulumiBinary: string,
  options: ObtainPluginsOptions = {},
): Promise<PluginsInUse> {
  const progress = options.progress ?? silent;
  const isOfficial = (name: ServedPackage) => installed(pulumiHome, name) === "official";
  await adoptOthers(pulumiHome, options.otherHomes ?? usersHomes());
  const missing = SERVED_PACKAGES.filter((name) => !isOfficial(name));
  if (missing.length > 0 && !failures.has(pulumiHome)) {
    const why = await progress.step("Pulumi plugins", () =>
      download(pulumiHome, pulumiBinary, missing, options),
    );
    if (why !== undefined) failures.set(pulumiHome, why);
  }
  await installOfflineProviders(pulumiHome);
  const offline = SERVED_PACKAGES.filter((name) => !isOfficial(name));
  return {
    official: SERVED_PACKAGES.filter(isOfficial),
    offline,
    reason: offline.length > 0 ? (failures.get(pulumiHome) ?? "") : "",
  };
}

/** Undefined when all of them came, otherwise why not. */
async function download(
  pulumiHome: string,
  pulumiBinary: string,
  names: ServedPackage[],
  { signal, reach = reachesDownloads }: ObtainPluginsOptions,
): Promise<string | undefined> {
  if (!(await reach())) return "the places that they are downloaded from cannot be reached";
  // Beside the plugins in use, so that what works now stays until the new one is complete.
  const staging = join(pulumiHome, "download");
  try {
    const answers = await Promise.all(
      names.map(async (name) => {
        const why = await downloadPlugin(
          pulumiBinary,
          join(staging, name),
          name,
          packageVersion(name),
          signal,
        );
        if (why === undefined)
          await putInPlace(pluginPlace(join(staging, name), name).folder, pulumiHome, name);
        return why;
      }),
    );
    return answers.find((why) => why !== undefined);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function putInPlace(from: string, pulumiHome: string, name: ServedPackage): Promise<void> {
  const { folder } = pluginPlace(pulumiHome, name);
  await mkdir(join(pulumiHome, "plugins"), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}.partial`, { force: true });
  await rename(from, folder);
}

function usersHomes(): string[] {
  const own = process.env.PULUMI_HOME;
  return [...(own ? [own] : []), join(homedir(), ".pulumi")];
}

/** The engine skips linked folders, so the folder is real and what is in it is linked. */
async function adoptOthers(pulumiHome: string, homes: string[]): Promise<void> {
  for (const home of homes.filter((other) => resolve(other) !== resolve(pulumiHome))) {
    for (const name of SERVED_PACKAGES) {
      if (installed(pulumiHome, name) === "official" || installed(home, name) !== "official") continue;
      const from = pluginPlace(home, name).folder;
      const draft = `${pluginPlace(pulumiHome, name).folder}.adopting`;
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft, { recursive: true });
      for (const file of await readdir(from)) await symlink(resolve(from, file), join(draft, file));
      await putInPlace(draft, pulumiHome, name);
    }
  }
}
