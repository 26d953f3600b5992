/**
 * Cost of the policy pack: how long it takes to start, and how long the engine waits for it per deployment. Everything is
 * measured but the engine itself: the pack's process, and its answers to the engine's own messages, from protobuf to diagnostics.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { EngineValue } from "../components/plan/manifest";
import { plan } from "../components/plan/plan";
import { policyPack } from "../policy-pack/attach";
import { CrossGuardPack } from "../policy-pack/framework/crossguard";
import { evaluate, planned } from "../policy-pack/framework/manifests";
import { unpackOnce } from "../policy-pack/framework/unpack-once";
import { RULES } from "../policy-pack/rules/index";
import { readTopology } from "../topology/index";
import { pairs } from "./policy-pack-topologies";

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

async function main(): Promise<void> {
  console.log(`pack start: ${(await median(start)).toFixed(0)} ms (median of ${RUNS})`);
  console.log("tenants  resources  rules ms  engine ms  µs per resource");
  for (const tenants of [2, 10, 50, 100]) {
    const manifests = plan(readTopology(pairs(tenants))).map(({ manifest }) => manifest);
    const isEngineValue = (value: unknown) => value instanceof EngineValue;
    const rules = await median(() => timed(() => evaluate(RULES, planned(manifests), { isEngineValue })));
    const engine = await median(() => engineCost(manifests));
    const each = (1000 * engine) / manifests.length;
    console.log(
      [tenants, manifests.length, rules.toFixed(0), engine.toFixed(0), each.toFixed(0)]
        .map((text, index) => String(text).padStart([7, 11, 10, 11, 17][index] ?? 0))
        .join(""),
    );
  }
}

unpackOnce();
void main();
