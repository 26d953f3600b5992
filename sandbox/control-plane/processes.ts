import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../system/errors";
import { identify, isRunning, terminate } from "../../system/processes";
import type { Command } from "./commands";
import type { SandboxHome } from "./home";
import { type ProcessName, processNames, readState, type State, writeState } from "./state";

/** How long each may take to end by itself. All data is etcd's: killing the others loses nothing. */
const graceMs: Record<ProcessName, number> = {
  etcd: 10_000,
  "kube-apiserver": 4_000,
  "kube-controller-manager": 2_000,
};

/** The processes of a home: their records, and everything that starts or ends one. */
export class Processes {
  private readonly state: State;
  /** Whether this object started or ended any. */
  changed = false;

  constructor(private readonly home: SandboxHome) {
    this.state = readState(home);
  }

  get port(): number | undefined {
    return this.state.port;
  }

  set port(port: number) {
    this.state.port = port;
    writeState(this.home, this.state);
  }

  /** Number of the running process, or undefined. */
  running(name: ProcessName): number | undefined {
    const record = this.state.processes[name];
    return record && isRunning(record) ? record.pid : undefined;
  }

  isCurrent(command: Command): boolean {
    const record = this.state.processes[command.name];
    return record?.fingerprint === command.fingerprint && isRunning(record);
  }

  /** Makes sure that a process runs with exactly this command; returns whether it had to be started. */
  async ensure(command: Command): Promise<boolean> {
    if (this.isCurrent(command)) return false;
    await this.end(command.name);
    await this.start(command);
    return true;
  }

  async end(name: ProcessName, withinMs = graceMs[name]): Promise<boolean> {
    const record = this.state.processes[name];
    if (!record) return false;
    const ran = isRunning(record);
    this.changed ||= ran;
    await terminate(record, withinMs);
    delete this.state.processes[name];
    try {
      writeState(this.home, this.state);
    } catch (error) {
      // A full disk must not keep the others alive, and the record of a process that is gone says nothing more.
      if (!(error instanceof UserError)) throw error;
    }
    return ran;
  }

  /** Ends what runs, in the reverse order of starting; returns what was ended. */
  async endAll(): Promise<ProcessName[]> {
    const ended: ProcessName[] = [];
    for (const name of [...processNames].reverse()) if (await this.end(name)) ended.push(name);
    return ended;
  }

  /** Throws when one of these runs no more. */
  requireRunning(names: readonly ProcessName[]): void {
    for (const name of names) {
      if (!this.running(name)) throw new ProcessEnded(name, logFile(this.home, name));
    }
  }

  private async start(command: Command): Promise<void> {
    const log = logFile(this.home, command.name);
    this.changed = true;
    const output = this.home.writing(() => {
      if (existsSync(log)) renameSync(log, `${log}.1`);
      return openSync(log, "a", 0o600);
    });
    try {
      const child = spawn(command.binary, command.args, {
        cwd: command.cwd,
        // A session of its own: it outlives this command, and Ctrl-C in the terminal does not reach it.
        detached: true,
        stdio: ["ignore", output, output],
      });
      child.unref();
      const failed = new Promise<Error>((resolve) => child.once("error", resolve));
      if (child.pid === undefined) {
        throw new UserError(
          `${command.binary}: cannot be started: ${(await failed).message}.`,
          `Remove it, so that it is fetched again, or give a working ${command.name}.`,
        );
      }
      const identity = identify(child.pid) ?? { pid: child.pid, started: "ended" };
      this.state.processes[command.name] = { ...identity, fingerprint: command.fingerprint };
      writeState(this.home, this.state);
    } finally {
      closeSync(output);
    }
  }
}

export function logFile(home: SandboxHome, name: ProcessName): string {
  return join(home.logs, `${name}.log`);
}

/** A process of the control plane ended although it should run. */
export class ProcessEnded extends UserError {
  readonly lastLines: string;

  constructor(process: ProcessName, log: string) {
    const lines = lastWords(log);
    const full = lines.some((line) => line.includes("no space left on device"));
    super(
      `${process} ended while the control plane was starting${full ? ": the disk is full" : ""}. It last said:`,
      ...lines.map((line) => `  ${line}`),
      full ? "Free some space there, or choose a folder on another disk." : `Its whole log: ${log}`,
    );
    this.lastLines = lines.join("\n");
  }
}

/** A line of klog, or of etcd's JSON log, that says why a process gives up. */
const complaint = /^[EF]\d{4} |"level":"(error|fatal|panic)"/;

/** The end of a log as far as it says what is wrong. */
export function lastWords(log: string): string[] {
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const complaints = lines.filter((line) => complaint.test(line));
  const chosen = complaints.length > 0 ? complaints.slice(-1) : lines.slice(-3);
  return chosen.map((line) => (line.length > 400 ? `${line.slice(0, 400)}...` : line));
}
