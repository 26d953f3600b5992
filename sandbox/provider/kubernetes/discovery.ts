/** Which path serves a kind, as the API server says. */
import type { JsonObject } from "../rpc/values";
import { type ApiServer, isApiError } from "./api-server";

export interface Mapping {
  namespaced: boolean;
  path(namespace: string, name?: string): string;
}

interface ApiResource {
  name: string;
  kind: string;
  namespaced: boolean;
}

/** A definition installed a moment ago is served a moment later: a miss is asked again after this long. */
const MISS_LIFETIME_MS = 250;

export class Discovery {
  private readonly groups = new Map<string, { asked: number; kinds: Promise<Map<string, Mapping>> }>();

  constructor(private readonly server: ApiServer) {}

  /** Undefined when the API server does not serve the kind (now). */
  async find(apiVersion: string, kind: string): Promise<Mapping | undefined> {
    const known = this.groups.get(apiVersion);
    if (known !== undefined) {
      const mapping = (await known.kinds).get(kind);
      if (mapping !== undefined || Date.now() - known.asked < MISS_LIFETIME_MS) return mapping;
    }
    // Another caller may have asked again while this one waited.
    const current = this.groups.get(apiVersion);
    const entry = current !== known && current !== undefined ? current : this.ask(apiVersion);
    return (await entry.kinds).get(kind);
  }

  /** After a 404 on a path that was known: the definition may be gone or served anew. */
  forget(apiVersion: string): void {
    this.groups.delete(apiVersion);
  }

  private ask(apiVersion: string) {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const entry = { asked: Date.now(), kinds: this.list(root) };
    this.groups.set(apiVersion, entry);
    entry.kinds.catch(() => this.groups.delete(apiVersion));
    return entry;
  }

  private async list(root: string): Promise<Map<string, Mapping>> {
    const kinds = new Map<string, Mapping>();
    let answer: JsonObject;
    try {
      answer = await this.server.request("GET", root);
    } catch (error) {
      if (isApiError(error, 404)) return kinds;
      throw error;
    }
    for (const resource of answer.resources as unknown as ApiResource[]) {
      if (resource.name.includes("/")) continue; // subresources, such as `pods/log`
      kinds.set(resource.kind, mapping(root, resource));
    }
    return kinds;
  }
}

function mapping(root: string, { name: plural, namespaced }: ApiResource): Mapping {
  return {
    namespaced,
    path(namespace, name) {
      const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
      const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
      return `${root}${scope}/${plural}${object}`;
    },
  };
}
