/** One pod of the lab: its wire, its Pod object, its sidecar, and the application that acts for it. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Attempt, Report, Result, Serving } from "../pod/application";
import { command, inPod, type Wire } from "./wires";

/** A script of `pod/` in a pod, and the channel to it. */
export class Script<Incoming extends object, Outgoing> {
  private constructor(private readonly child: ChildProcess) {}

  static async start<Incoming extends object, Outgoing>(
    wire: Wire,
    path: string,
    given: unknown,
  ): Promise<Script<Incoming, Outgoing>> {
    const [program, args] = inPod(wire, process.execPath, [path, JSON.stringify(given)]);
    const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const script = new Script<Incoming, Outgoing>(child);
    await script.ready();
    return script;
  }

  /** Until the script says that it works. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.once("message", () => resolve());
      this.child.once("exit", (code) => reject(new Error(`a script of the lab ended with ${code}`)));
    });
  }

  send(message: Incoming): void {
    this.child.send(message);
  }

  onMessage(listener: (message: Outgoing) => void): void {
    this.child.on("message", (message) => listener(message as Outgoing));
  }

  onEnd(listener: () => void): void {
    this.child.once("exit", listener);
  }

  /** Ends it, and with it what it listens on. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await exit;
  }
}

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}
interface Orders {
  id: number;
  attempt: Attempt;
}

export class Application {
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;

  private constructor(
    readonly wire: Wire,
    private readonly script: Script<Orders, Report>,
  ) {
    script.onMessage(({ id, result }) => {
      this.waiting.get(id)?.resolve(result);
      this.waiting.delete(id);
    });
    script.onEnd(() => {
      for (const { reject } of this.waiting.values())
        reject(new Error(`the application of ${wire.name} ended while somebody waited for it`));
    });
  }

  static async start(wire: Wire, path: string, serving: Serving): Promise<Application> {
    return new Application(wire, await Script.start<Orders, Report>(wire, path, serving));
  }

  attempt(attempt: Attempt): Promise<Result> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.script.send({ id, attempt });
    });
  }

  stop(): Promise<void> {
    return this.script.stop();
  }
}

/**
 * Ends the connections that a pod keeps open to others, so that its next request makes a new one, and those that it is still
 * trying to make: a proxy lets later requests wait for those, too.
 */
export async function dropConnections(wire: Wire): Promise<void> {
  const kept = "( not sport = :15012 and not dport = :15012 and not src 127.0.0.0/8 )";
  const [program, args] = inPod(wire, "ss", [
    "-K",
    "-H",
    "-t",
    "state",
    "established",
    "state",
    "syn-sent",
    kept,
  ]);
  await command(program, ...args);
}
