/** An object that verify makes for itself. It goes away whatever happens, also on Ctrl-C; where it does not, that is said. */
import { Failed } from "../errors";
import { type Answer, Api } from "../live/api";
import { Cluster } from "../live/cluster";
import type { Doc } from "../static/objects";

const NOT_FOUND = 404;

/**
 * @param refused what to throw when the API server does not take it
 * @throws Failed when it is left behind
 */
export async function withOwnObject<T>(
  api: Api,
  object: Doc,
  refused: (answer: Answer) => Error,
  use: () => Promise<T>,
): Promise<T> {
  // What is interrupted must still be cleaned up, and nobody may wonder whether it was made: this one knows no signal.
  const unstoppable = new Api(api.kubeconfig, api.timeoutSeconds);
  const cluster = new Cluster(unstoppable);
  try {
    const made = await cluster.create(object);
    if (made.code >= 300) throw refused(made);
    const result = await use().catch(async (error: unknown) => {
      const left = await removed(cluster, object);
      if (left !== undefined) process.stderr.write(`${left}\n`);
      throw error;
    });
    const left = await removed(cluster, object);
    if (left !== undefined) throw new Failed(left);
    return result;
  } finally {
    await unstoppable.close();
  }
}

/** @returns what to tell when it was not taken away */
async function removed(cluster: Cluster, object: Doc): Promise<string | undefined> {
  const { kind, metadata } = object;
  const name = [metadata.namespace ?? [], metadata.name].flat().join("/");
  const place = metadata.namespace === undefined ? "" : ` --namespace ${metadata.namespace}`;
  const why = await cluster.delete(object).then(
    ({ code, message }) => (code < 300 || code === NOT_FOUND ? undefined : message),
    (error: unknown) => (error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)),
  );
  return why === undefined
    ? undefined
    : `${kind} ${name} of verify's own is left behind (${why}). Delete it: kubectl delete ${kind.toLowerCase()} ${metadata.name}${place}`;
}
