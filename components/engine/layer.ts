import * as pulumi from "@pulumi/pulumi";
import { isRelease, type ObjectKey } from "../plan/manifest";
import type { PlannedObject } from "../plan/plan";
import { resourceClass } from "./kinds";
import { registerRelease } from "./releases";
import { type EngineValues, fillIn } from "./values";

/** What all groups of one stack share. */
export interface Registration {
  readonly provider: pulumi.ProviderResource;
  readonly values: EngineValues;
  /** Tries again what admission refuses by rules that are about to change. */
  readonly patience: pulumi.ErrorHook;
  /** Everything registered so far, by key: where dependencies are looked up. */
  readonly registered: Map<ObjectKey, pulumi.Resource>;
}

export interface ManifestGroupArgs {
  /** `kagent-a2a:<module>:<Name>`. */
  readonly type: string;
  readonly registration: Registration;
}

/** A part of the stack that people look for by name: a layer, or a tenant. Registers planned objects as its children. */
export class ManifestGroup extends pulumi.ComponentResource {
  readonly #name: string;
  readonly #registration: Registration;
  readonly #objects: ObjectKey[] = [];

  constructor(
    name: string,
    { type, registration }: ManifestGroupArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super(type, name, {}, options);
    this.#name = name;
    this.#registration = registration;
  }

  add({ manifest, key, dependsOn, protect = false, retain = false }: PlannedObject): void {
    const { provider, values, registered, patience } = this.#registration;
    const { name, namespace } = manifest.metadata;
    // The slash, which no name can hold, keeps `b-c` of tenant `a` apart from `c` of tenant `a-b`.
    const label =
      namespace === undefined ? `-${name}` : namespace === this.#name ? `/${name}` : `-${namespace}/${name}`;
    const options = {
      parent: this,
      provider,
      dependsOn: dependsOn.map((needed) => {
        const there = registered.get(needed);
        if (there === undefined) throw new Error(`${key} is planned before ${needed}, which it needs`);
        return there;
      }),
      ...(protect && { protect }),
      ...(retain && { retainOnDelete: true }),
    };
    const resourceName = `${this.#name}${label}`;
    if (isRelease(manifest)) registered.set(key, registerRelease(resourceName, manifest, options));
    else {
      const Class = resourceClass(manifest);
      const resource = new Class(resourceName, fillIn(manifest, values), {
        ...options,
        hooks: { onError: [patience] },
        ...(manifest.kind === "Secret" && { additionalSecretOutputs: ["data", "stringData"] }),
      });
      registered.set(key, resource);
    }
    this.#objects.push(key);
  }

  /** To be called once, after the last object. */
  finish(): void {
    this.registerOutputs({ objects: this.#objects });
  }
}
