/** Why the API server did not open a stream to a pod. Its client tells no more than a status, in an event that is no Error. */
const WORDS: Readonly<Record<string, (resource: string) => string>> = {
  401: () => "the API server does not accept the login",
  403: (resource) => `this user may not create ${resource}`,
  404: () => "it is not on the cluster",
};

/** @param resource `pods/exec` */
export function refusal(error: unknown, resource: string): string {
  const { message } = (error ?? {}) as { message?: unknown };
  const text = typeof message === "string" ? (message.split("\n")[0] ?? "") : "";
  const [, status = ""] = /^Unexpected server response: (\d+)$/.exec(text) ?? [];
  return WORDS[status]?.(resource) ?? (text || `the API server refused ${resource}`);
}
