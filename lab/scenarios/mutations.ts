/**
 * One object made wrong at a time: exactly those cells must change that the evaluators name, and come back when the object is
 * restored. A mutation that changes no cell is tried too, and listed: another object decides the same cells.
 */
import type { Manifest } from "../../components/plan/manifest";
import { sleep } from "../../sandbox/system/interrupt";
import { type Cell, differences } from "../matrix";
import type { Prediction } from "../predict";
import { describe, isAsked, type Mode, type Question } from "../questions";
import type { MutationReport, MutationsReport } from "../report";
import { type Mutation, mutationsOf } from "./operators";
import { evaluatorsOf, type World } from "./world";

/** The parts must have caught up by then. */
const CATCH_UP_MS = 15_000;
/** So long a change that must show nothing is waited for, after every proxy has acknowledged what it was sent. */
const QUIET_MS = 1_000;

interface Trial {
  readonly mutation: Mutation;
  readonly mode: Mode;
  readonly prediction: Prediction;
  readonly changed: readonly Question[];
}

export async function runMutations(world: World, every: boolean): Promise<MutationsReport> {
  const before = evaluatorsOf(world);
  const trials = mutationsOf(world.manifests).map((mutation) => trialOf(world, mutation, before));
  const effective = trials.filter(({ changed }) => changed.length > 0);
  const equivalent = trials.filter(({ changed }) => changed.length === 0);
  const report = async (chosen: readonly Trial[]): Promise<MutationReport[]> => {
    const reports: MutationReport[] = [];
    for (const [index, trial] of chosen.entries()) {
      world.note(`mutation ${index + 1} of ${chosen.length}: ${trial.mutation.name}`);
      reports.push(await runTrial(world, trial, before));
    }
    return reports;
  };
  const choose = (all: readonly Trial[], most: number) => (every ? all : someOfEachSort(all, most));
  return {
    mutations: await report(choose(effective, 2)),
    equivalent: await report(choose(equivalent, 1)),
  };
}

/** Network policies are tried alone; the mesh's objects with all of the mesh. */
function trialOf(world: World, mutation: Mutation, before: Prediction): Trial {
  const mode: Mode = mutation.original.kind === "NetworkPolicy" ? "network" : "mesh";
  const manifests = world.manifests.flatMap((manifest): Manifest[] => {
    if (manifest !== mutation.original) return [manifest];
    return mutation.mutant === undefined ? [] : [mutation.mutant];
  });
  const prediction = evaluatorsOf(world, manifests);
  const changed = world.questions.filter(
    (question) => isAsked(question, mode) && prediction(question, mode) !== before(question, mode),
  );
  return { mutation, mode, prediction, changed };
}

function someOfEachSort(trials: readonly Trial[], most: number): Trial[] {
  const counts = new Map<string, number>();
  return trials.filter(({ mutation: { sort } }) => {
    const count = (counts.get(sort) ?? 0) + 1;
    counts.set(sort, count);
    return count <= most;
  });
}

async function runTrial(world: World, trial: Trial, before: Prediction): Promise<MutationReport> {
  const { mutation, mode, prediction, changed } = trial;
  const { api } = world.stage;
  const start = performance.now();
  if (mutation.mutant === undefined) await api.remove(mutation.original);
  else await api.put(mutation.mutant);
  const cells = await settle(world, mode, prediction, changed);
  const seconds = (performance.now() - start) / 1_000;
  await api.put(mutation.original);
  const restored = await settle(world, mode, before, changed);
  return {
    mutation: mutation.name,
    mode,
    changed: cells
      .filter(({ question, answer }) => answer.passed !== before(question, mode))
      .map(({ question, answer }) => `${describe(question)}: ${answer.passed ? "passes" : answer.seen}`),
    differences: differences(cells, prediction),
    restored: differences(restored, before).length === 0,
    seconds,
  };
}

/** All cells, as soon as they are as predicted, or as they are at the end. */
async function settle(
  world: World,
  mode: Mode,
  prediction: Prediction,
  changed: readonly Question[],
): Promise<Cell[]> {
  const deadline = Date.now() + CATCH_UP_MS;
  if (changed.length === 0) {
    await world.stage.synchronised();
    await sleep(QUIET_MS);
  }
  // First only what should change: the others are worth asking once it has.
  const isChanged = new Set(changed);
  for (;;) {
    const few = await world.matrix.ask(mode, (question) => isChanged.has(question));
    if (differences(few, prediction).length === 0 || Date.now() > deadline) break;
  }
  for (;;) {
    const cells = await world.matrix.ask(mode);
    if (differences(cells, prediction).length === 0 || Date.now() > deadline) return cells;
  }
}
