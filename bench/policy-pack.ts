/**
 * Cost of the policy pack: how long its process takes to start, how long it takes to answer the engine's own messages, from protobuf
 * to diagnostics, and what share both are of a whole preview by the real engine.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { EngineValue } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { operate } from "../operations/operate";
import { policyPack } from "../policy-pack/attach";
import { CrossGuardPack } from "../policy-pack/framework/crossguard";
import { evaluate, planned } from "../policy-pack/framework/manifests";
import { unpackOnce } from "../policy-pack/framework/unpack-once";
import { RULES } from "../policy-pack/rules/index";
import { prepareSandbox } from "../sandbox/sandbox";
import { sandboxConfiguration } from "../sandbox/stack-workspace";
import { readTopology } from "../topology/index";
import { withHome } from "./stack";
import { configurationOf, sizeOf } from "./topologies";

type Callback = (error: unknown, response: { getDiagnosticsList(): unknown[] }) => void;
type Handler = (call: { request: unknown }, callback: Callback) => Promise<void>;
interface Server {
  makeAnalyzeRpcFun(name: string, version: string, level: string, policies: unknown): Handler;
  makeAnalyzeStackRpcFun(name: string, version: string, level: string, policies: unknown): Handler;
}
interface Message {
  setType(type: string): void;
  setUrn(urn: string): void;
  setName(name: string): void;
  setProperties(properties: unknown): void;
  setOptions(options: unknown): void;
}
interface Protocol {
  readonly AnalyzeStackRequest: new () => { setResourcesList(resources: Message[]): void };
  readonly AnalyzerResource: new () => Message;
  readonly AnalyzeRequest: new () => Message;
  readonly AnalyzerResourceOptions: new () => unknown;
}

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const RUNS = 3;

function fill(part: unknown): unknown {
  if (part instanceof EngineValue) return UNKNOWN;
  if (Array.isArray(part)) return part.map(fill);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fill(value)]));
}

/** Milliseconds from the start of the process until the engine can connect. */
function start(): Promise<number> {
  const began = performance.now();
  const child = spawn(join(policyPack.path, "bin", "pulumi-analyzer-policy-nodejs"), ["127.0.0.1:1", "."], {
    cwd: policyPack.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.stdout.once("data", () => {
      resolve(performance.now() - began);
      child.kill();
    });
  });
}

async function median(measure: () => Promise<number> | number): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) times.push(await measure());
  return times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

const timed = async (work: () => unknown): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Loaded late: the pack's server brings the whole SDK along. */
async function engineCost(manifests: readonly unknown[]): Promise<number> {
  const server = require("@pulumi/policy/server") as Server;
  const protocol = require("@pulumi/pulumi/proto/analyzer_pb") as Protocol;
  const { Struct } = require("google-protobuf/google/protobuf/struct_pb") as {
    Struct: { fromJavaScript(value: unknown): unknown };
  };
  const policies = new CrossGuardPack(RULES).policies();
  const message = <T extends Message>(
    Type: new () => T,
    manifest: { apiVersion: string; kind: string },
    index: number,
  ) => {
    const made = new Type();
    made.setType(
      `kubernetes:${manifest.apiVersion === "v1" ? "core/v1" : manifest.apiVersion}:${manifest.kind}`,
    );
    made.setUrn(`urn:pulumi:bench::bench::r${index}`);
    made.setName(`r${index}`);
    made.setProperties(Struct.fromJavaScript(manifest));
    made.setOptions(new protocol.AnalyzerResourceOptions());
    return made;
  };
  const objects = manifests.map(fill) as { apiVersion: string; kind: string }[];
  const call = (handler: Handler, request: unknown) =>
    new Promise<void>((resolve, reject) => {
      void handler({ request }, (error) => (error ? reject(error) : resolve()));
    });
  const analyze = server.makeAnalyzeRpcFun("pack", "0", "mandatory", policies);
  const analyzeStack = server.makeAnalyzeStackRpcFun("pack", "0", "mandatory", policies);
  const request = new protocol.AnalyzeStackRequest();
  request.setResourcesList(objects.map((object, index) => message(protocol.AnalyzerResource, object, index)));
  return timed(async () => {
    for (const [index, object] of objects.entries())
      await call(analyze, message(protocol.AnalyzeRequest, object, index));
    await call(analyzeStack, request);
  });
}

/** Seconds of a preview of a new stack: with the pack, and by the engine alone. */
async function previews(configuration: Record<string, unknown>): Promise<{ with: number; without: number }> {
  return withHome("policy-pack", async (home) => {
    const { stack } = await prepareSandbox({ home, configuration });
    // The first preview loads the provider's schema.
    await stack.preview();
    const without = await timed(() => stack.preview());
    return { with: (await timed(() => operate(stack, "preview"))) / 1000, without: without / 1000 };
  });
}

const WIDTHS = [7, 11, 10, 11, 17, 17, 12, 9];
const row = (values: readonly (string | number)[]): string =>
  values.map((value, index) => String(value).padStart(WIDTHS[index] ?? 0)).join("");

export async function benchPolicyPack(
  tenantCounts: readonly number[],
  write: (line: string) => void,
): Promise<void> {
  unpackOnce();
  const starting = await median(start);
  write(`pack start: ${starting.toFixed(0)} ms (median of ${RUNS})`);
  write(
    row([
      "tenants",
      "resources",
      "rules ms",
      "engine ms",
      "µs per resource",
      "without pack s",
      "preview s",
      "share %",
    ]),
  );
  for (const tenants of tenantCounts) {
    const configuration = sandboxConfiguration(configurationOf(sizeOf(tenants)));
    const manifests = plan(readTopology(configuration)).map(({ manifest }) => manifest);
    const isEngineValue = (value: unknown) => value instanceof EngineValue;
    const rules = await median(() => timed(() => evaluate(RULES, planned(manifests), { isEngineValue })));
    const engine = await median(() => engineCost(manifests));
    const preview = await previews(configuration);
    write(
      row([
        tenants,
        manifests.length,
        rules.toFixed(0),
        engine.toFixed(0),
        ((1000 * engine) / manifests.length).toFixed(0),
        preview.without.toFixed(1),
        preview.with.toFixed(1),
        ((starting + engine) / (10 * preview.with)).toFixed(0),
      ]),
    );
  }
}
