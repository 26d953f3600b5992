/** Requests at a steady rate from one pod, and what became of each. */
import { sleep } from "../../system/interrupt";
import { type Answer, attemptOf, judge } from "../probe";
import type { Call, Question } from "../questions";
import { firstDelegation } from "./preconditions";
import type { World } from "./world";

/** A request that takes longer has failed: ten times what the slowest takes on a machine at rest. */
const WITHIN_MS = 3_000;

export interface Sent {
  /** Milliseconds since the traffic began. */
  readonly at: number;
  readonly answer: Answer;
}

export class Traffic {
  readonly sent: Sent[] = [];
  private readonly start = performance.now();
  private readonly pending = new Set<Promise<void>>();
  private running = true;
  private readonly loop: Promise<void>;

  /** @param headers in the place of the question's own; asked for each request anew */
  constructor(
    private readonly world: World,
    private readonly question: Question,
    private readonly perSecond: number,
    private readonly headers: () => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.loop = this.run();
  }

  now(): number {
    return performance.now() - this.start;
  }

  async stop(): Promise<readonly Sent[]> {
    this.running = false;
    await this.loop;
    await Promise.all(this.pending);
    return this.sent;
  }

  /** Until an answer fits, counted from now; in seconds. Undefined when none does in time. */
  async until(fits: (answer: Answer) => boolean, withinMs: number): Promise<number | undefined> {
    const from = this.now();
    for (;;) {
      const found = this.sent.find(({ at, answer }) => at >= from && fits(answer));
      if (found !== undefined) return (found.at - from) / 1_000;
      if (this.now() - from > withinMs) return undefined;
      await sleep(20);
    }
  }

  private async run(): Promise<void> {
    const { stage, tokens } = this.world;
    for (let count = 0; this.running; count++) {
      const attempt = attemptOf(this.question, tokens, stage.addresses, WITHIN_MS);
      const headers = { ...attempt.headers, ...this.headers() };
      const at = this.now();
      const request = stage
        .application(this.question.from.id)
        .attempt({ ...attempt, headers })
        .then((result) => {
          this.sent.push({ at, answer: judge(this.question, result) });
        })
        .finally(() => this.pending.delete(request));
      this.pending.add(request);
      await sleep(Math.max(0, ((count + 1) * 1_000) / this.perSecond - this.now()));
    }
  }
}

/** The first declared delegation, as its caller makes it. */
export function declaredCall({ topology, questions }: World): Call {
  const { caller, callee } = firstDelegation(topology);
  const way = topology.routing === "gateway" ? "gateway" : "direct";
  const found = questions.find(
    (question): question is Call =>
      question.kind === "call" &&
      question.way === way &&
      question.token === "good" &&
      question.from.id === caller.id &&
      question.callee.id === callee.id,
  );
  if (found === undefined) throw new Error(`nobody asks for ${caller.id} -> ${callee.id}`);
  return found;
}
