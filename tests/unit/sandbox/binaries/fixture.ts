import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Progress } from "../../../../system/progress";

export function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

type Answer = Buffer | string | ((request: IncomingMessage, response: ServerResponse) => void);

/** A publisher's server on loopback. */
export class Mirror {
  readonly requests: string[] = [];
  readonly files = new Map<string, Answer>();
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? "";
      this.requests.push(path);
      const answer = this.files.get(path);
      if (typeof answer === "function") answer(request, response);
      else response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Offers a release together with the list that holds its checksum. */
  publish(file: string, checksums: string, content: Buffer | string): void {
    this.files.set(`/${file}`, content);
    this.files.set(`/${checksums}`, `${sha256(content)}  ${file.split("/").at(-1)}\n`);
  }
}

/** A folder for one test, with a cache and a folder for programs in it. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), "kagent-a2a-binaries-"));
  readonly cache = join(this.folder, "cache");
  readonly programs = join(this.folder, "programs");

  constructor() {
    mkdirSync(this.programs);
  }

  /** An environment in which only the given programs exist, and `tar`. */
  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { PATH: this.programs, HOME: this.folder, KAGENT_A2A_CACHE: this.cache, ...more };
  }

  program(name: string, script: string): string {
    const path = join(this.programs, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** A .tar.gz of small executables. */
  archive(files: Record<string, string>): Buffer {
    const root = mkdtempSync(join(this.folder, "archive-"));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode: 0o755 });
    }
    const file = join(this.folder, "archive.tar.gz");
    execFileSync("tar", ["-czf", file, "-C", root, ...readdirSync(root)]);
    return readFileSync(file);
  }

  cached(): string[] {
    return readdirSync(this.cache).sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Keeps what is said. */
export class Recorder implements Progress {
  readonly notes: string[] = [];

  note(text: string): void {
    this.notes.push(text);
  }

  step<T>(_text: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    return work(() => {});
  }
}
