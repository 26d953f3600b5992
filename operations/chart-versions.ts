/** Which versions of a chart its repository has: a classic one by its index, an OCI one by its tags. */
import * as semver from "semver";
import { parse } from "yaml";
import { asList, asMap } from "../topology/loose";

/** As the global one; tests bring their own. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

const ANSWERS_WITHIN_MS = 15_000;
/** A registry that pages without end must not hold the command. */
const MAX_PAGES = 50;

/** @throws Error when the repository cannot be read; its message says why in a few words */
export async function chartVersions(repository: string, chart: string, get: Fetch): Promise<string[]> {
  const isOci = repository.startsWith("oci://");
  return isOci ? tags(`${repository.slice("oci://".length)}/${chart}`, get) : indexed(repository, chart, get);
}

async function answered(url: string, get: Fetch, headers: Record<string, string> = {}): Promise<Response> {
  return get(url, { headers, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
}

async function indexed(repository: string, chart: string, get: Fetch): Promise<string[]> {
  const response = await answered(`${repository.replace(/\/$/, "")}/index.yaml`, get);
  if (!response.ok) throw new Error(`the repository answers ${response.status}`);
  const { entries } = asMap(parse(await response.text()));
  return asList(asMap(entries)[chart]).flatMap((entry) => {
    const { version } = asMap(entry);
    return typeof version === "string" ? [version] : [];
  });
}

/** OCI distribution: `GET /v2/<name>/tags/list`, with an anonymous token where the registry wants one. */
async function tags(reference: string, get: Fetch): Promise<string[]> {
  const [host = "", ...path] = reference.split("/");
  const found: string[] = [];
  let url: string | undefined = `https://${host}/v2/${path.join("/")}/tags/list?n=1000`;
  let headers: Record<string, string> = {};
  for (let page = 0; url !== undefined && page < MAX_PAGES; page += 1) {
    let response = await answered(url, get, headers);
    if (response.status === 401 && headers.authorization === undefined) {
      headers = { authorization: `Bearer ${await anonymousToken(response, get)}` };
      response = await answered(url, get, headers);
    }
    if (!response.ok) throw new Error(`the registry answers ${response.status}`);
    found.push(...asList(asMap(await response.json()).tags).map(String));
    url = nextPage(response, url);
  }
  return found;
}

async function anonymousToken(refusal: Response, get: Fetch): Promise<string> {
  const challenge = refusal.headers.get("www-authenticate") ?? "";
  const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
  if (part("realm") === "") throw new Error("the registry wants credentials");
  const url = new URL(part("realm"));
  url.searchParams.set("service", part("service"));
  url.searchParams.set("scope", part("scope"));
  const response = await answered(url.href, get);
  if (!response.ok) throw new Error(`the registry gives no anonymous token (${response.status})`);
  const { token, access_token } = asMap(await response.json());
  return String(token ?? access_token ?? "");
}

function nextPage(response: Response, url: string): string | undefined {
  const [, next] = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "") ?? [];
  return next === undefined ? undefined : new URL(next, url).href;
}

export interface Newer {
  /** Newest of the same minor version. */
  readonly patch?: string;
  /** Newest of all that may be used. */
  readonly newest?: string;
}

/** What is newer than a version. Pre-releases are not. @param range what may be used at all */
export function newerThan(version: string, versions: readonly string[], range = "*"): Newer {
  const later = versions
    .filter((text) => semver.valid(text) !== null && semver.prerelease(text) === null)
    .filter((text) => semver.satisfies(text, range) && semver.gt(text, version))
    .sort(semver.compare);
  const patch = later.filter((text) => semver.satisfies(text, `~${semver.coerce(version)?.version}`)).at(-1);
  const newest = later.at(-1);
  return {
    ...(patch !== undefined && { patch }),
    ...(newest !== undefined && newest !== patch && { newest }),
  };
}
