import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { reasonOf, UserError } from "../../system/errors";
import { Transient, Unavailable } from "./unavailable";

/** How long a host may take to begin its answer, and then between two pieces of it. */
const answerWithinMs = 10_000;
const pieceWithinMs = 30_000;
const maxRedirects = 5;

/** Hosts that gave no answer in this run, and why: asking them again would only cost the same wait again. */
const silentHosts = new Map<string, string>();

/** Text of a small file. */
export async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  const pieces: Uint8Array[] = [];
  await receive(url, signal, async (piece) => {
    pieces.push(piece);
  });
  return Buffer.concat(pieces).toString("utf8");
}

/** Saves a file and returns its SHA-256; `onPiece` hears how many bytes have come, and of how many. */
export async function fetchFile(
  url: string,
  path: string,
  signal: AbortSignal,
  onPiece: (received: number, total: number | undefined) => void,
): Promise<string> {
  const hash = createHash("sha256");
  const file = createWriteStream(path, { flags: "wx", mode: 0o700 });
  const written = finished(file);
  written.catch(() => {}); // reported where it is awaited
  let received = 0;
  try {
    await receive(url, signal, async (piece, total) => {
      hash.update(piece);
      received += piece.length;
      onPiece(received, total);
      if (!file.write(piece)) {
        await Promise.race([new Promise<void>((resolve) => file.once("drain", resolve)), written]);
      }
    });
    file.end();
    await written;
  } finally {
    file.destroy();
  }
  return hash.digest("hex");
}

async function receive(
  url: string,
  signal: AbortSignal,
  onPiece: (piece: Uint8Array, total: number | undefined) => Promise<void>,
): Promise<void> {
  const giveUp = new AbortController();
  const expectWithin = (ms: number) => {
    const error = new Error(`nothing came within ${ms / 1_000} s`);
    return setTimeout(() => giveUp.abort(error), ms);
  };
  let timer = expectWithin(answerWithinMs);
  try {
    const response = await open(url, signal, giveUp.signal);
    if (!response.ok || !response.body) {
      const status = `${response.status} ${response.statusText}`.trim();
      throw new (response.status >= 500 ? Transient : Unavailable)(`${url}: the server answered ${status}`);
    }
    const total = Number(response.headers.get("content-length")) || undefined;
    const body = response.body[Symbol.asyncIterator]();
    for (;;) {
      clearTimeout(timer);
      timer = expectWithin(pieceWithinMs);
      const next = await body.next().catch((error: unknown) => {
        signal.throwIfAborted();
        throw new Transient(`${url}: the transfer broke off (${reasonOf(error)})`);
      });
      if (next.done) return;
      await onPiece(next.value, total);
    }
  } finally {
    clearTimeout(timer);
    giveUp.abort(); // an answer that was not read to its end would hold its connection
  }
}

/** The answer at the end of all redirects, each of which must be as safe as the first address. */
async function open(url: string, signal: AbortSignal, giveUp: AbortSignal): Promise<Response> {
  let address = requireSafe(url);
  for (let hops = 0; hops < maxRedirects; hops++) {
    const { host } = address;
    const silent = silentHosts.get(host);
    if (silent) throw new Unavailable(`${url}: ${silent}`);
    const response = await fetch(address, {
      redirect: "manual",
      // A server that would compress what is compressed already would change its checksum.
      headers: { "accept-encoding": "identity" },
      signal: AbortSignal.any([signal, giveUp]),
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      silentHosts.set(host, reasonOf(error));
      throw new Unavailable(`${url}: ${reasonOf(error)}`);
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || !location) return response;
    await response.body?.cancel();
    address = requireSafe(new URL(location, address).href);
  }
  throw new Unavailable(`${url}: redirects without end`);
}

/** Files and their checksums come from the same place, so nobody on the way may change them. */
function requireSafe(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(parsed?.hostname ?? "");
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && loopback)) return parsed;
  throw new UserError(
    `${url}: binaries are fetched over https only.`,
    "Give a mirror whose address begins with https://.",
  );
}
