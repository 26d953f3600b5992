/** What a package served by the offline provider implements; `serve.ts` carries it over gRPC. */
import type { JsonObject } from "./values";

export interface CheckArgs {
  urn: string;
  olds: JsonObject;
  news: JsonObject;
  /** A name the engine proposes for an unnamed resource. */
  proposedName: string | undefined;
  randomSeed: Uint8Array;
}

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  inputs: JsonObject;
  failures?: CheckFailure[];
}

export interface DiffArgs {
  id: string;
  urn: string;
  /** The state that the last step left. */
  olds: JsonObject;
  news: JsonObject;
  ignoreChanges: string[];
}

export interface PropertyChange {
  kind: "add" | "delete" | "update";
  replace: boolean;
}

export interface DiffResult {
  /** By property path, e.g. `metadata.labels["a.b/c"]` or `spec.ports[0].port`. */
  changes: Map<string, PropertyChange>;
  deleteBeforeReplace: boolean;
}

export interface CreateArgs {
  urn: string;
  inputs: JsonObject;
  preview: boolean;
  timeoutSeconds: number;
}

export interface UpdateArgs extends CreateArgs {
  id: string;
  olds: JsonObject;
}

export interface ReadArgs {
  id: string;
  urn: string;
  inputs: JsonObject;
  properties: JsonObject;
}

export interface DeleteArgs {
  id: string;
  urn: string;
  properties: JsonObject;
  timeoutSeconds: number;
}

export interface State {
  id: string;
  properties: JsonObject;
}

export interface Plugin {
  readonly name: string;
  readonly version: string;
  checkConfig?(news: JsonObject): CheckResult;
  diffConfig?(olds: JsonObject, news: JsonObject): DiffResult;
  configure(variables: Map<string, string>): void;
  check(args: CheckArgs): Promise<CheckResult>;
  diff(args: DiffArgs): Promise<DiffResult>;
  create(args: CreateArgs): Promise<State>;
  /** Undefined when the resource is gone. */
  read(args: ReadArgs): Promise<(State & { inputs: JsonObject }) | undefined>;
  update(args: UpdateArgs): Promise<JsonObject>;
  delete(args: DeleteArgs): Promise<void>;
  /** Aborts what waits; called when the user interrupts the engine. */
  cancel(): void;
}

/** The resource exists, but it did not become what it should: the engine must remember it. */
export class NotReadyError extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: JsonObject,
  ) {
    super(message);
  }
}

/** The request is fine, but this provider does not serve it. */
export class NotServedError extends Error {
  constructor(what: string) {
    super(
      `the sandbox's offline provider does not serve ${what}; ` +
        "it is there only where the official plugins cannot be downloaded",
    );
  }
}

/** Sends messages to the engine, which shows them beside the resource. */
export interface Log {
  warning(urn: string, message: string): void;
  /** Replaces the resource's line while it is being worked on; the empty text clears it. */
  status(urn: string, message: string): void;
}
