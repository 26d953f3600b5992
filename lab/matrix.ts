/** Asks the real parts every question, and holds the answers against what was predicted. */
import type { Actor } from "./actor";
import { DROPPED, type Outcome } from "./outcome";
import type { Prediction } from "./predict";
import { type Answer, attemptOf, judge } from "./probe";
import { describe, isAsked, type Mode, type Question } from "./questions";
import type { Stage } from "./stage/stage";
import type { Tokens } from "./tokens";

export interface Cell {
  readonly question: Question;
  readonly mode: Mode;
  readonly answer: Answer;
}
export interface Difference {
  readonly mode: Mode;
  readonly question: string;
  readonly predicted: Outcome;
  readonly seen: Outcome;
}

/** A packet that is dropped answers nothing: after this long it counts as dropped, if what passed was much faster. */
const PATIENCE_MS = 700;
const MOST_PATIENCE_MS = 8_000;
/** Longer than Linux waits before it sends a lost SYN again (1 s): the queue can lose one when many come at once. */
const LOST_SYN_MS = 2_500;
/** Questions that are asked at a time, by all pods together: the queue of the network policies loses what is too much for it. */
const AT_A_TIME = 192;
/**
 * So long a proxy may try to connect where nothing answers; then it says so to whoever waits, also to one who came last (Envoy 1.40
 * shares such attempts). Linux gives up after about 130 s, the lab's proxies after 120 s.
 */
const SHORT_OF_TIMEOUTS_MS = 60_000;

/** Whether there was no answer at all, which a slow one could be taken for. */
const isSilent = ({ answer }: Cell): boolean => answer.seen === DROPPED;

export class Matrix {
  constructor(
    private readonly stage: Stage,
    private readonly tokens: Tokens,
    private readonly questions: readonly Question[],
  ) {}

  /** The answers of the real parts with the layers of one mode in force. */
  async ask(mode: Mode, which: (question: Question) => boolean = () => true): Promise<Cell[]> {
    await this.stage.enforceNetwork(mode !== "mesh");
    const asked = this.questions.filter((question) => isAsked(question, mode) && which(question));
    for (let patience = PATIENCE_MS; ; patience *= 2) {
      const cells = await this.askAll(asked, mode, patience);
      const slowest = Math.max(0, ...cells.map(({ answer }) => answer.ms ?? 0));
      if (!cells.some(isSilent) || slowest < patience / 2 || patience > MOST_PATIENCE_MS) return cells;
    }
  }

  /** The same, but what did not answer is asked again, with a patience that outlasts a lost packet. */
  async askTwice(mode: Mode, which?: (question: Question) => boolean): Promise<Cell[]> {
    const first = await this.ask(mode, which);
    const silent = first.filter(isSilent).map(({ question }) => question);
    const again = await this.askAll(silent, mode, LOST_SYN_MS);
    const answers = new Map(again.map((cell) => [cell.question, cell]));
    return first.map((cell) => answers.get(cell.question) ?? cell);
  }

  private async askAll(asked: readonly Question[], mode: Mode, patience: number): Promise<Cell[]> {
    const byCaller = new Map<Actor, Question[]>();
    for (const question of asked) {
      const there = byCaller.get(question.from);
      if (there === undefined) byCaller.set(question.from, [question]);
      else there.push(question);
    }
    const each = Math.max(1, Math.floor(AT_A_TIME / byCaller.size));
    const atMost = each * Math.ceil(SHORT_OF_TIMEOUTS_MS / patience);
    const longest = Math.max(0, ...[...byCaller.values()].map(({ length }) => length));
    const cells: Cell[] = [];
    for (let from = 0; from < longest; from += atMost) {
      await this.stage.dropConnections();
      const answered = await Promise.all(
        [...byCaller.values()].map((list) =>
          inTurns(list.slice(from, from + atMost), each, (question) => this.askOne(question, mode, patience)),
        ),
      );
      cells.push(...answered.flat());
    }
    return cells;
  }

  private async askOne(question: Question, mode: Mode, patience: number): Promise<Cell> {
    const application = this.stage.application(question.from.id);
    const attempt = attemptOf(question, this.tokens, this.stage.addresses, patience);
    return { question, mode, answer: judge(question, await application.attempt(attempt)) };
  }
}

async function inTurns<T, R>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return results;
}

/** Cells in which it is somebody else who answered, or in which the manner of the refusal is another one, are among them. */
export function differences(cells: readonly Cell[], prediction: Prediction): Difference[] {
  return cells.flatMap(({ question, mode, answer: { seen } }) => {
    const predicted = prediction(question, mode);
    return predicted === seen ? [] : [{ mode, question: describe(question), predicted, seen }];
  });
}
