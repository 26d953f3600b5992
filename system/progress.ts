import { Interrupted } from "./errors";

/** How long work tells the user that it goes on. */
export interface Progress {
  /** Says one thing. */
  note(text: string): void;
  /** Runs `work`; when it takes longer than two seconds, says so while it runs and when it is done. */
  step<T>(text: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>;
}

/** Says nothing. */
export const silent: Progress = {
  note: () => {},
  step: (_text, work) => work(() => {}),
};

/** Work shorter than this needs no line. */
const worthSayingMs = 2_000;
/** A log keeps every line, so there it speaks seldom; a terminal's status line is rewritten every second. */
const intervalMs = { terminal: 1_000, log: 15_000 };

interface Step {
  text: string;
  detail: string;
  since: number;
  saidAt: number | undefined;
}

/** What is needed of `process.stderr`. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Clock {
  now(): number;
  /** Calls back every so many milliseconds until the returned function is called. */
  every(ms: number, callback: () => void): () => void;
}

const systemClock: Clock = {
  now: Date.now,
  every: (ms, callback) => {
    const timer = setInterval(callback, ms).unref();
    return () => clearInterval(timer);
  },
};

/** Progress on a terminal as one status line that is rewritten, elsewhere as plain lines. */
export class LineProgress implements Progress {
  private readonly steps = new Set<Step>();
  private stopTicking: (() => void) | undefined;

  constructor(
    private readonly output: Output = process.stderr,
    private readonly clock: Clock = systemClock,
  ) {}

  note(text: string): void {
    this.output.write(`${this.clear()}${text}\n`);
    this.drawStatus();
  }

  async step<T>(text: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const step: Step = { text, detail: "", since: this.clock.now(), saidAt: undefined };
    this.steps.add(step);
    this.stopTicking ??= this.clock.every(intervalMs.terminal, () => this.tick());
    try {
      const result = await work((detail) => {
        step.detail = detail;
      });
      this.end(step, "done");
      return result;
    } catch (error) {
      this.end(step, error instanceof Interrupted ? "interrupted" : "failed");
      throw error;
    }
  }

  private end(step: Step, outcome: string): void {
    this.steps.delete(step);
    if (this.steps.size === 0) {
      this.stopTicking?.();
      this.stopTicking = undefined;
    }
    if (this.isLong(step)) this.note(`${step.text}: ${outcome}, ${this.seconds(step)} s`);
    else this.output.write(this.clear());
  }

  private tick(): void {
    if (this.output.isTTY) {
      this.drawStatus();
      return;
    }
    const now = this.clock.now();
    for (const step of this.longSteps()) {
      if (step.saidAt !== undefined && now - step.saidAt < intervalMs.log) continue;
      step.saidAt = now;
      this.output.write(`${this.describe(step)}\n`);
    }
  }

  private drawStatus(): void {
    if (!this.output.isTTY) return;
    const line = this.longSteps()
      .map((step) => this.describe(step))
      .join(" | ");
    if (line) this.output.write(`${this.clear()}${line.slice(0, (this.output.columns ?? 80) - 1)}`);
  }

  private longSteps(): Step[] {
    return [...this.steps].filter((step) => this.isLong(step));
  }

  private isLong(step: Step): boolean {
    return this.clock.now() - step.since >= worthSayingMs;
  }

  private seconds(step: Step): number {
    return Math.round((this.clock.now() - step.since) / 1_000);
  }

  private describe(step: Step): string {
    return `${step.text} ... ${step.detail ? `${step.detail}, ` : ""}${this.seconds(step)} s`;
  }

  /** Return to the start of the line and erase it. */
  private clear(): string {
    return this.output.isTTY ? "\r\x1b[K" : "";
  }
}
