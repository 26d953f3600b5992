/** The stack `sandbox` on disk: a Pulumi project of its own inside the sandbox's folder, with its own backend and keys. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import program from "../index";
import { policyPack } from "../policy-pack/attach";
import { type Progress, silent } from "../system/progress";
import { API_KEYS_KEY, CONFIGURATION_PREFIX, SYSTEMS, type Topology } from "../topology";
import { asMap } from "../topology/loose";
import type { SandboxHome } from "./control-plane";
import { repairStack } from "./stack-repair";

export const SANDBOX_STACK = "sandbox";
const PROJECT = "kagent-a2a";

/**
 * What differs from a stack on a real cluster: the API server itself is the admission engine, because no Gatekeeper runs
 * here, nothing reconciles Agents and ExternalSecrets, so nobody waits for them, and without a node nothing of the platform
 * could be installed: there is no mesh that would take certificates either.
 */
export function sandboxConfiguration(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const platform = asMap(raw.platform);
  // The sandbox's kubeconfig has one context, and it is not the stack's.
  const { context, ...cluster } = asMap(raw.cluster);
  const notInstalled = SYSTEMS.map((system) => [system, { ...asMap(platform[system]), install: false }]);
  return {
    ...raw,
    admission: "native",
    kagent: { ...asMap(raw.kagent), await: false },
    ...(raw.vault !== undefined && { vault: { ...asMap(raw.vault), await: false } }),
    pki: "none",
    ...(context !== undefined && { cluster }),
    platform: { ...platform, ...Object.fromEntries(notInstalled) },
  };
}

export interface SandboxStackOptions {
  readonly home: SandboxHome;
  /** Folder with `bin/pulumi`. */
  readonly pulumiRoot: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

export interface Deployable {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly topology: Topology;
}

export const pulumiHome = (home: SandboxHome): string => home.at("pulumi-home");

/** Environment of every Pulumi process of this sandbox. Nothing of the user's own Pulumi is read or written. */
export function pulumiEnvironment(home: SandboxHome): Record<string, string> {
  return {
    PULUMI_HOME: pulumiHome(home),
    PULUMI_BACKEND_URL: `file://${backend(home)}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(home),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    KUBECONFIG: home.kubeconfig,
    ...policyPack.environment(),
  };
}

/** The stack with this configuration, ready to be brought up. */
export async function sandboxStack(options: SandboxStackOptions & Deployable): Promise<Stack> {
  const { home, topology } = options;
  for (const folder of [home.at("stack"), backend(home), pulumiHome(home)])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(passphraseFile(home)))
    home.write(passphraseFile(home), randomBytes(32).toString("base64url"));
  writeConfiguration(home, options.configuration);
  const stack = await selectStack(options, program);
  await setMissingApiKeys(stack, home, topology);
  return stack;
}

/** The stack as it was deployed, to be destroyed; undefined when there is none. */
export async function deployedStack(options: SandboxStackOptions): Promise<Stack | undefined> {
  const { home } = options;
  if (!existsSync(stackFile(home)) || !existsSync(passphraseFile(home))) return undefined;
  return selectStack(options, async () => {});
}

async function selectStack(options: SandboxStackOptions, program: PulumiFn): Promise<Stack> {
  const { home, progress = silent, signal } = options;
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: SANDBOX_STACK, projectName: PROJECT, program },
    {
      workDir: home.at("stack"),
      envVars: pulumiEnvironment(home),
      pulumiCommand: await PulumiCommand.get({ root: options.pulumiRoot, skipVersionCheck: true }),
    },
  );
  await repairStack(stack, { home, backend: backend(home), progress, ...(signal && { signal }) });
  return stack;
}

const backend = (home: SandboxHome): string => home.at("state");
const passphraseFile = (home: SandboxHome): string => home.at("run", "passphrase");
const stackFile = (home: SandboxHome): string => home.at("stack", `Pulumi.${SANDBOX_STACK}.yaml`);

/** Replaces the configuration and keeps what the engine wrote: its salt, and the encrypted API keys. */
function writeConfiguration(home: SandboxHome, configuration: Readonly<Record<string, unknown>>): void {
  const file = stackFile(home);
  const before = (parse(home.read(file) ?? "") ?? {}) as { config?: Record<string, unknown> };
  const keysKey = `${CONFIGURATION_PREFIX}${API_KEYS_KEY}`;
  const keys = before.config?.[keysKey];
  const config = Object.fromEntries(
    Object.entries(configuration)
      .filter(([key]) => key !== API_KEYS_KEY)
      .map(([key, value]) => [`${CONFIGURATION_PREFIX}${key}`, value]),
  );
  home.write(
    file,
    // For the Pulumi CLI, to which a text such as 2024-10-21 is a date unless it is quoted.
    stringify(
      { ...before, config: { ...config, ...(keys !== undefined && { [keysKey]: keys }) } },
      { compat: "yaml-1.1" },
    ),
  );
}

/** No model is ever called here: each API key is a random text, so that nobody mistakes it for a real one. */
async function setMissingApiKeys(stack: Stack, home: SandboxHome, { tenants }: Topology): Promise<void> {
  const { config = {} } = (parse(home.read(stackFile(home)) ?? "") ?? {}) as {
    config?: Record<string, unknown>;
  };
  const known = (config[`${CONFIGURATION_PREFIX}${API_KEYS_KEY}`] ?? {}) as Record<
    string,
    Record<string, unknown>
  >;
  const missing = tenants.flatMap(({ name: tenant, models }) =>
    models
      .filter(({ name, needsApiKey }) => needsApiKey && known[tenant]?.[name] === undefined)
      .map((model) => `${CONFIGURATION_PREFIX}${API_KEYS_KEY}.${tenant}.${model.name}`),
  );
  if (missing.length === 0) return;
  const key = () => ({ value: `sandbox-${randomBytes(16).toString("hex")}`, secret: true });
  await stack.setAllConfig(Object.fromEntries(missing.map((path) => [path, key()])), true);
}
