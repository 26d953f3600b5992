/**
 * A request made from inside a pod, by the Python that kagent's agent images carry. What it is about, tokens among it, goes in by
 * standard input and never onto a command line, where others could read it.
 */
export interface HttpProbe {
  readonly kind: "http";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}
export interface TcpProbe {
  readonly kind: "tcp";
  readonly host: string;
  readonly port: number;
  readonly timeoutSeconds: number;
}
export type Probe = HttpProbe | TcpProbe;

/** What came of it: an HTTP status, a connection that was made, or why there was none. */
export type Outcome =
  | { readonly status: number; readonly body: string }
  | { readonly connected: true }
  | { readonly unreachable: string };

export interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Runs a program in a container. */
export interface Executor {
  /** @returns standard output @throws CannotExecute */
  run(place: Place, command: readonly string[], input: string): Promise<string>;
}

/** The pod could not be asked; that is no answer about what it can reach. */
export class CannotExecute extends Error {
  override readonly name = "CannotExecute";
}

/** Longest part of an answer that is looked at. */
const MOST_BYTES = 65536;

/** An error's own text may hold the header that it is about, so only its kind is told. */
export const SCRIPT = `
import json, socket, sys, urllib.error, urllib.request
p = json.load(sys.stdin)
try:
    if p["kind"] == "tcp":
        socket.create_connection((p["host"], p["port"]), p["timeoutSeconds"]).close()
        out = {"connected": True}
    else:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(p["url"], headers=p["headers"])
        try:
            with opener.open(request, timeout=p["timeoutSeconds"]) as answer:
                out = {"status": answer.status, "body": answer.read(${MOST_BYTES}).decode("utf8", "replace")}
        except urllib.error.HTTPError as error:
            out = {"status": error.code, "body": error.read(${MOST_BYTES}).decode("utf8", "replace")}
except Exception as error:
    reason = getattr(error, "reason", error)
    cause = reason if isinstance(reason, Exception) else error
    number = getattr(cause, "errno", None)
    out = {"unreachable": type(cause).__name__ + ("" if number is None else ", errno " + str(number))}
print(json.dumps(out))
`;

export function probe(executor: Executor, place: Place, what: Probe): Promise<Outcome> {
  return runPython<Outcome>(executor, place, SCRIPT, what);
}

/**
 * Runs a script that reads JSON and writes JSON.
 * @throws CannotExecute, whose message holds nothing of the input
 */
export async function runPython<T>(
  executor: Executor,
  place: Place,
  script: string,
  input: object,
): Promise<T> {
  const output = await executor
    .run(place, ["python3", "-c", script], JSON.stringify(input))
    .catch((error: unknown) => {
      if (error instanceof CannotExecute) throw new CannotExecute(without(textsIn(input), error.message));
      throw error;
    });
  try {
    return JSON.parse(output) as T;
  } catch {
    throw new CannotExecute(`${place.namespace}/${place.pod} gave no answer that could be read`);
  }
}

/** Values of headers: tokens are among them. */
const textsIn = (input: object): string[] =>
  "headers" in input ? Object.values(input.headers as Record<string, string>) : [];
const without = (texts: readonly string[], message: string): string =>
  texts.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "(a header)")), message);
