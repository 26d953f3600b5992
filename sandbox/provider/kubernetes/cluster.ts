/** Reading and writing single objects of any kind. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "../rpc/values";
import { ApiServer, isApiError } from "./api-server";
import { Discovery, type Mapping } from "./discovery";
import { CREATE_MANAGER, takeOver } from "./field-managers";
import type { Connection } from "./kubeconfig";
import {
  annotation,
  apiVersionOf,
  isDefinition,
  kindOf,
  type Manifest,
  metadataOf,
  nameOf,
  namespaceOf,
  text,
} from "./manifest";

/** The kind is not served, even after a while: its definition is not installed. */
export class NoSuchKindError extends Error {}

/** A kind or a namespace may be seconds away: the official provider tries for half a minute, too. */
const PATIENCE_S = 30;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;
/** A write between reading and taking over the fields is tried again. */
const TAKE_OVER_TRIES = 3;

export interface WriteOptions {
  /** Asks the API server what it would do. */
  preview: boolean;
  /** Ends waiting. A request that is under way is never cut off: nobody would know whether it took effect. */
  signal: AbortSignal;
  /** The resource's own limit, when it has one. */
  timeoutSeconds?: number;
}

export interface ApplyOptions extends WriteOptions {
  manager: string;
  force: boolean;
}

export class Cluster {
  private readonly server: ApiServer;
  private readonly discovery: Discovery;

  constructor(private readonly connection: Connection) {
    this.server = new ApiServer(connection);
    this.discovery = new Discovery(this.server);
  }

  async isServed(manifest: Manifest): Promise<boolean> {
    return (await this.mapping(manifest)) !== undefined;
  }

  /** Undefined when the kind is not served, so that nobody can tell. */
  async isNamespaced(manifest: Manifest): Promise<boolean | undefined> {
    return (await this.mapping(manifest))?.namespaced;
  }

  /** The namespace that the API server would be asked in. */
  get defaultNamespace(): string {
    return this.connection.namespace;
  }

  /** Undefined when the object, its namespace or its kind is gone. */
  async get(manifest: Manifest, name: string, signal: AbortSignal): Promise<Manifest | undefined> {
    const mapping = await this.mapping(manifest);
    if (mapping === undefined) return undefined;
    try {
      return await this.server.request("GET", this.path(mapping, manifest, name), { signal });
    } catch (error) {
      if (isApiError(error, 404)) return undefined;
      throw error;
    }
  }

  /** Fails when the object exists already. */
  async create(manifest: Manifest, options: WriteOptions): Promise<Manifest> {
    const query = { fieldManager: CREATE_MANAGER, ...dryRun(options.preview) };
    const attempt = async () =>
      this.server.request("POST", this.path(await this.served(manifest), manifest), {
        query,
        body: manifest,
      });
    return options.preview ? attempt() : this.patiently(manifest, attempt, options);
  }

  /** Server-side apply as `manager`: fields that it applied before and that are missing now are removed. */
  async apply(manifest: Manifest, live: Manifest, options: ApplyOptions): Promise<Manifest> {
    const path = this.path(await this.served(manifest), manifest, nameOf(live));
    if (isDefinition(manifest)) return this.replaceDefinition(path, manifest, live, options);
    const { manager, force, preview } = options;
    if (!preview) await this.takeOverFields(path, live, manager);
    return this.server.request("PATCH", path, {
      query: { fieldManager: manager, force: String(force), ...dryRun(preview) },
      body: manifest,
      contentType: "application/apply-patch+yaml",
    });
  }

  /** Undefined when the object or its kind is gone already. */
  async delete(manifest: Manifest, name: string): Promise<JsonObject | undefined> {
    const mapping = await this.mapping(manifest);
    if (mapping === undefined) return undefined;
    try {
      const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation(manifest) };
      return await this.server.request("DELETE", this.path(mapping, manifest, name), { body });
    } catch (error) {
      if (isApiError(error, 404)) return undefined;
      throw error;
    }
  }

  private path(mapping: Mapping, manifest: Manifest, name?: string): string {
    return mapping.path(namespaceOf(manifest) || this.connection.namespace, name);
  }

  private mapping(manifest: Manifest): Promise<Mapping | undefined> {
    return this.discovery.find(apiVersionOf(manifest), kindOf(manifest));
  }

  private async served(manifest: Manifest): Promise<Mapping> {
    const mapping = await this.mapping(manifest);
    if (mapping !== undefined) return mapping;
    throw new NoSuchKindError(
      `the API server serves no kind ${kindOf(manifest)} of ${apiVersionOf(manifest)}; ` +
        "is its CustomResourceDefinition installed?",
    );
  }

  private async patiently<T>(
    manifest: Manifest,
    attempt: () => Promise<T>,
    options: WriteOptions,
  ): Promise<T> {
    const { signal, timeoutSeconds } = options;
    const deadline = Date.now() + Math.min(PATIENCE_S, timeoutSeconds || PATIENCE_S) * 1000;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const worthWaiting = error instanceof NoSuchKindError || isApiError(error, 404);
        if (!worthWaiting || signal.aborted || Date.now() > deadline) throw error;
        if (isApiError(error, 404)) this.discovery.forget(apiVersionOf(manifest));
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  private async takeOverFields(path: string, live: Manifest, manager: string): Promise<void> {
    let current = live;
    for (let attempt = 1; ; attempt++) {
      const patch = takeOver(current, manager);
      if (patch === undefined) return;
      try {
        const contentType = "application/json-patch+json";
        await this.server.request("PATCH", path, { contentType, body: patch });
        return;
      } catch (error) {
        if (!isApiError(error, 409, 422) || attempt === TAKE_OVER_TRIES) throw error;
        current = await this.server.request("GET", path);
      }
    }
  }

  /** Definitions are too large to merge: they are put as a whole, which leaves their objects alone. */
  private replaceDefinition(
    path: string,
    manifest: Manifest,
    live: Manifest,
    { manager, preview }: ApplyOptions,
  ): Promise<Manifest> {
    const resourceVersion = text(live, "metadata", "resourceVersion");
    const body = { ...manifest, metadata: { ...metadataOf(manifest), resourceVersion } };
    return this.server.request("PUT", path, { query: { fieldManager: manager, ...dryRun(preview) }, body });
  }
}

function dryRun(preview: boolean): Record<string, string> {
  return preview ? { dryRun: "All" } : {};
}

/**
 * The official provider deletes in the foreground, which waits for the garbage collector; nothing in the sandbox has
 * dependents to wait for, so the background is the same and faster.
 */
function propagation(manifest: Manifest): string {
  const wanted = annotation(manifest, "deletionPropagationPolicy").toLowerCase();
  return wanted === "orphan" ? "Orphan" : wanted === "foreground" ? "Foreground" : "Background";
}
