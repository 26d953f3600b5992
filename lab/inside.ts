/** The lab's first process inside its namespaces: sets the stage, runs the scenarios, and sends the report out. */
import { readdirSync, readFileSync } from "node:fs";
import { UserError } from "../system/errors";
import { ConfigurationError, readTopology } from "../topology";
import type { Message } from "./isolation";
import type { LabReport } from "./report";
import { runDrift } from "./scenarios/drift";
import { runFaults } from "./scenarios/faults";
import { runMatrix } from "./scenarios/matrix";
import { type MutationChoice, runMutations } from "./scenarios/mutations";
import type { Scenario } from "./scenarios/names";
import { runRotation } from "./scenarios/rotation";
import { runRuntimes } from "./scenarios/runtimes";
import { runVerify } from "./scenarios/verify";
import { objectsFor, worldOf } from "./scenarios/world";
import { type Parts, Stage } from "./stage/stage";
import { Tokens } from "./tokens";

export interface Order {
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly scenarios: readonly Scenario[];
  readonly mutations: MutationChoice;
  readonly parts: Parts;
  readonly folder: string;
  /** Seed of the lab's keys. */
  readonly password: string;
}

const send = (message: Message<LabReport>) => process.send?.(message);

async function run({
  configuration,
  scenarios,
  mutations: choice,
  parts,
  folder,
  password,
}: Order): Promise<LabReport> {
  const topology = readTopology(configuration);
  const tokens = new Tokens(topology, password);
  const note = (text: string) => send({ note: text });
  const memory = new Memory();
  const start = performance.now();
  note("starting the control plane");
  const stage = await Stage.set(topology, parts, folder);
  note("starting istiod, and a pod for everybody");
  await stage.start(objectsFor(topology, tokens));
  const secondsToReady = (performance.now() - start) / 1_000;
  const world = worldOf(topology, stage, tokens, note);
  const wanted = async <T>(scenario: Scenario, work: () => Promise<T>): Promise<T | undefined> =>
    scenarios.includes(scenario) ? work() : undefined;
  const matrices = (await wanted("matrix", () => runMatrix(world))) ?? [];
  const mutations = await wanted("mutations", () => runMutations(world, choice));
  const faults = await wanted("faults", () => runFaults(world));
  const runtimes = await wanted("runtimes", () => runRuntimes(world));
  const verify = await wanted("verify", () => runVerify(world));
  // These change which keys are in force; the stack that the engine brings up replaces those of the lab.
  const rotation = await wanted("rotation", () => runRotation(world, password));
  const drift = await wanted("drift", () => runDrift(world, configuration));
  return {
    tenants: topology.tenants.length,
    agents: topology.agents.length,
    delegations: topology.delegations.length,
    routing: topology.routing,
    pods: stage.podCount,
    secondsToReady,
    peakMiB: memory.peakMiB,
    matrices,
    ...(mutations && { mutations }),
    ...(rotation && { rotation }),
    ...(faults && { faults }),
    ...(runtimes && { runtimes }),
    ...(verify && { verify }),
    ...(drift && { drift }),
  };
}

/** Proportional memory of all processes of this namespace, which are those of the lab. */
class Memory {
  peakMiB = 0;

  constructor() {
    this.sample();
  }

  /** Every second, or less often where there is so much to count that it would keep the lab from its work. */
  private sample(): void {
    const start = performance.now();
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const kib = pids.reduce((sum, pid) => sum + pssOf(pid), 0);
    this.peakMiB = Math.max(this.peakMiB, Math.round(kib / 1024));
    setTimeout(() => this.sample(), Math.max(1_000, 20 * (performance.now() - start))).unref();
  }
}

function pssOf(pid: string): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0; // it ended meanwhile
  }
}

function fail(error: unknown): void {
  const isKnown = error instanceof UserError || error instanceof ConfigurationError;
  const text = error instanceof Error ? (isKnown ? error.message : error.stack) : String(error);
  send({ failed: text ?? "", isKnown });
}

process.on("disconnect", () => process.exit(1));
// Parts that end when they should not say so from where nobody waits for them.
process.on("uncaughtException", fail);
process.once("message", (order: Order) => {
  run(order)
    .then((report) => send({ report }))
    .catch(fail);
});
