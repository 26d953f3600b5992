/** One Kubernetes object (or Helm release) of a stack or of a folder, as rules see it. */
import { isMap } from "../../topology/loose";
import { Field } from "./field";

/** Where an object comes from, for messages. */
export interface Origin {
  readonly urn?: string;
  readonly file?: string;
  /** Position of the document in its file, counted from 1. */
  readonly document?: number;
}

export interface RawObject {
  readonly value: unknown;
  readonly origin: Origin;
  /** For resources that carry no `apiVersion` and `kind` of their own, such as Helm releases. */
  readonly apiVersion?: string;
  readonly kind?: string;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export class StackObject {
  readonly apiVersion: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Empty when it is absent or unreadable. */
  readonly name: string;
  readonly namespace: string;
  readonly root: Field;
  readonly origin: Origin;

  constructor(
    raw: RawObject,
    /** Whether a value is a placeholder for what only the engine knows. */
    readonly isUnknown: (value: unknown) => boolean,
  ) {
    const value = isMap(raw.value) ? raw.value : {};
    const literal = (part: unknown): string => (isUnknown(part) ? "" : textOf(part));
    this.origin = raw.origin;
    this.apiVersion = raw.apiVersion ?? literal(value.apiVersion);
    this.kind = raw.kind ?? literal(value.kind);
    const slash = this.apiVersion.lastIndexOf("/");
    this.group = slash < 0 ? "" : this.apiVersion.slice(0, slash);
    this.version = this.apiVersion.slice(slash + 1);
    const metadata = isMap(value.metadata) && !isUnknown(value.metadata) ? value.metadata : {};
    // A Helm release says its name and namespace itself.
    const named = this.group === "helm.sh" ? { ...value, ...metadata } : metadata;
    this.name = literal(named.name);
    this.namespace = literal(named.namespace);
    this.root = new Field(this, raw.value);
  }

  at(...keys: (string | number)[]): Field {
    return this.root.at(...keys);
  }

  get spec(): Field {
    return this.root.at("spec");
  }

  labels(): ReadonlyMap<string, string> {
    return this.root.at("metadata", "labels").textMap();
  }

  /** `Agent team-alpha/orchestrator`. */
  get title(): string {
    const name = [this.namespace, this.name].filter((part) => part !== "").join("/");
    return `${this.kind || "Object without kind"} ${name || "without name"}`;
  }

  /** One object of a cluster, whatever version of its API it is written in. */
  get key(): string {
    return [this.group, this.kind, this.namespace, this.name].join("/");
  }
}
