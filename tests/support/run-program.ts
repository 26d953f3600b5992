/** Runs the program under Pulumi's mocks, and keeps every request as it goes to the engine: secrets still marked. */
import * as pulumi from "@pulumi/pulumi";
import program from "../../index";
import { readTopology } from "../../topology";
import type { Raw } from "./dev";
import { apiKeysOf } from "./topologies";

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN; empty for what has no parent. */
  readonly parent: string;
  readonly dependsOn: readonly string[];
  readonly provider: string;
  /** Of a component that is built elsewhere, by package. */
  readonly providers: Readonly<Record<string, string>>;
  readonly protect: boolean;
  /** Left on the cluster when the stack goes. */
  readonly retained: boolean;
  readonly isComponent: boolean;
  readonly inputs: Raw;
  readonly secretOutputs: readonly string[];
}
export interface Run {
  readonly registered: readonly Registered[];
  /** What components registered as their outputs. */
  readonly componentOutputs: readonly Raw[];
  readonly outputs: Raw;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export const isSecret = (value: Raw): boolean => value?.[SIGNATURE] === SECRET;
export const revealed = (value: Raw): Raw => (isSecret(value) ? value.value : value);

/** The same without what is marked as secret. */
export function withoutSecrets(value: Raw): Raw {
  if (isSecret(value)) return "[secret]";
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

export const passwordOf = (resource: string): string => `password-of-${resource}`.padEnd(64, "x");

/** The configuration with an API key for everybody who needs one. */
export const withKeys = (raw: Raw): Raw => ({ ...raw, apiKeys: apiKeysOf(readTopology(raw)) });

interface Options {
  readonly preview?: boolean;
  /** Keys that are encrypted in the stack file. */
  readonly encrypted?: readonly string[];
}

// The runtime exports these, and leaves them out of its declarations (@pulumi/pulumi 3.270).
const runtime = pulumi.runtime as unknown as {
  getMonitor(): { registerResource: Raw; registerResourceOutputs: Raw };
  waitForRPCs(): Promise<void>;
};

export async function runProgram(
  raw: Raw,
  { preview = false, encrypted = ["apiKeys"] }: Options = {},
): Promise<Run> {
  const registered: Registered[] = [];
  const componentOutputs: Raw[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs,
      newResource: ({ type, name, inputs }) => {
        const isPassword = type === "random:index/randomPassword:RandomPassword";
        const made = isPassword && !preview ? { result: passwordOf(name), bcryptHash: "hash" } : {};
        return { id: `${name}-id`, state: { ...inputs, ...made } };
      },
    },
    "kagent-a2a",
    "test",
    preview,
  );
  // The mock monitor says that it knows error hooks, and does not (@pulumi/pulumi 3.270).
  const monitor = runtime.getMonitor() as Raw;
  monitor.registerErrorHook = (_request: Raw, done: (error: null, answer: object) => void) => done(null, {});
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: Raw, callback: Raw) =>
    register(request, (error: unknown, response: Raw) => {
      if (response !== undefined)
        registered.push({
          type: request.getType(),
          name: request.getName(),
          urn: response.getUrn(),
          parent: request.getParent(),
          dependsOn: request.getDependenciesList(),
          provider: request.getProvider(),
          providers: Object.fromEntries(request.getProvidersMap().toObject()),
          protect: request.getProtect(),
          retained: request.getRetainondelete() ?? false,
          isComponent: !request.getCustom(),
          inputs: request.getObject().toJavaScript(),
          secretOutputs: request.getAdditionalsecretoutputsList(),
        });
      callback(error, response);
    });
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request: Raw, callback: Raw) => {
    componentOutputs.push(request.getOutputs().toJavaScript());
    registerOutputs(request, callback);
  };
  const configuration = Object.entries(raw).map(([key, value]) => [
    `kagent-a2a:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(configuration),
    encrypted.map((key) => `kagent-a2a:${key}`),
  );
  try {
    const outputs = await program();
    return { registered, componentOutputs, outputs };
  } catch (error) {
    // For a test to see that nothing was registered.
    throw Object.assign(error as Error, { registered });
  } finally {
    await runtime.waitForRPCs();
  }
}
