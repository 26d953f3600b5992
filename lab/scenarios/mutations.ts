/**
 * One object made wrong at a time: exactly those cells must change that the evaluators name, and come back when the object is
 * restored. A mutation that changes no cell must have its reason in `explained.ts`, and is tried too.
 */
import type { Manifest } from "../../components/plan/manifest";
import { sleep } from "../../system/interrupt";
import { type Cell, type Difference, differences } from "../matrix";
import type { Prediction } from "../predict";
import { describe, isAsked, type Mode, type Question } from "../questions";
import type { MutationReport, MutationsReport } from "../report";
import { explanationOf } from "./explained";
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

/** Which mutations are tried. */
export interface MutationChoice {
  /** So many of each sort that change something. Of a sort that changes nothing one is tried. */
  readonly ofASort: number;
  /** Of all kinds unless told. */
  readonly kinds?: readonly string[];
}

export async function runMutations(
  world: World,
  { ofASort, kinds }: MutationChoice,
): Promise<MutationsReport> {
  const before = evaluatorsOf(world);
  const trials = mutationsOf(world.manifests)
    .filter((mutation) => kinds?.includes(kindOf(mutation)) ?? true)
    .map((mutation) => trialOf(world, mutation, before));
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
  const reasons = new Map(
    equivalent.map(({ mutation }) => [mutation.name, explanationOf(mutation, world.topology)?.reason]),
  );
  await orderRoutes(world);
  const mutations = await report(someOfEachSort(effective, ofASort));
  const tried = await report(someOfEachSort(equivalent, 1));
  world.note("asking everything once more");
  return {
    mutations,
    equivalent: tried.map((one) => ({ ...one, reason: reasons.get(one.mutation) ?? "" })),
    unexplained: [...reasons].flatMap(([name, reason]) => (reason === undefined ? [name] : [])),
    differencesAtEnd: await atEnd(world, before),
  };
}

const ROUTE = "VirtualService";

/** istiod takes the oldest route first, and of those that are as old goes by name: made in that order, they are in it by either. */
async function orderRoutes({ manifests, stage: { api } }: World): Promise<void> {
  const routes = manifests.filter(({ kind }) => kind === ROUTE);
  for (const route of routes.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    await api.remove(route);
    await api.put(route);
  }
}

/** Whether all objects are as they were: of each only what it had changed was asked after it was restored. */
async function atEnd(world: World, before: Prediction): Promise<Difference[]> {
  const modes: readonly Mode[] = ["network", "mesh"];
  const cells: Cell[] = [];
  for (const mode of modes) cells.push(...(await world.matrix.askTwice(mode)));
  return differences(cells, before);
}

/** Network policies are tried alone; the mesh's objects with all of the mesh. */
const kindOf = ({ original, mutant }: Mutation): string => (original ?? mutant)?.kind ?? "";
const modeOf = (mutation: Mutation): Mode => (kindOf(mutation) === "NetworkPolicy" ? "network" : "mesh");

/** The objects with one of them made wrong, or with one more. */
export const mutated = (manifests: readonly Manifest[], { original, mutant }: Mutation): Manifest[] =>
  original === undefined
    ? [...manifests, ...(mutant === undefined ? [] : [mutant])]
    : manifests.flatMap((manifest) =>
        manifest !== original ? [manifest] : mutant === undefined ? [] : [mutant],
      );

/** Questions whose answer changes. */
export const changedBy = (
  mutation: Mutation,
  asked: readonly Question[],
  before: Prediction,
  after: Prediction,
): Question[] => {
  const mode = modeOf(mutation);
  return asked.filter(
    (question) => isAsked(question, mode) && after(question, mode) !== before(question, mode),
  );
};

function trialOf(world: World, mutation: Mutation, before: Prediction): Trial {
  const prediction = evaluatorsOf(world, mutated(world.manifests, mutation));
  const changed = changedBy(mutation, world.questions, before, prediction);
  return { mutation, mode: modeOf(mutation), prediction, changed };
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
  const replace = async (now?: Manifest, then?: Manifest) => {
    if (then !== undefined) await api.put(then);
    else if (now !== undefined) await api.remove(now);
  };
  await replace(mutation.original, mutation.mutant);
  const cells = await settle(world, mode, prediction, changed);
  const seconds = (performance.now() - start) / 1_000;
  await replace(mutation.mutant, mutation.original);
  if (mutation.mutant === undefined && kindOf(mutation) === ROUTE) await orderRoutes(world);
  const restored = await settleOn(world, mode, before, changed);
  return {
    mutation: mutation.name,
    mode,
    changed: cells
      .filter(({ question, answer }) => answer.seen !== before(question, mode))
      .map(({ question, answer }) => `${describe(question)}: ${answer.seen}`),
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
  await settleOn(world, mode, prediction, changed);
  return until(world, mode, deadline, prediction);
}

function settleOn(
  world: World,
  mode: Mode,
  prediction: Prediction,
  some: readonly Question[],
): Promise<Cell[]> {
  return until(world, mode, Date.now() + CATCH_UP_MS, prediction, some);
}

/** Asks some or all questions, and again, until the deadline, those whose answer is not as predicted: a lost packet is not one. */
async function until(
  world: World,
  mode: Mode,
  deadline: number,
  prediction: Prediction,
  some?: readonly Question[],
): Promise<Cell[]> {
  const answers = new Map<Question, Cell>();
  let wanted = some && new Set(some);
  for (;;) {
    const cells = await world.matrix.ask(mode, (question) => wanted?.has(question) ?? true);
    for (const cell of cells) answers.set(cell.question, cell);
    const wrong = [...answers.values()].filter((cell) => differences([cell], prediction).length > 0);
    if (wrong.length === 0 || Date.now() > deadline) return [...answers.values()];
    wanted = new Set(wrong.map(({ question }) => question));
  }
}
