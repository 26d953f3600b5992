/**
 * The package `kubernetes`: single objects of any kind, by server-side apply.
 * Source of the behaviour: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go (Check, Diff, Create, Read,
 * Update, Delete).
 */
import type {
  CheckArgs,
  CheckResult,
  CreateArgs,
  DeleteArgs,
  DiffArgs,
  DiffResult,
  Log,
  Plugin,
  ReadArgs,
  State,
  UpdateArgs,
} from "../rpc/plugin";
import { hasUnknown, type JsonObject } from "../rpc/values";
import { Access } from "./access";
import { isApiError } from "./api-server";
import { checkedInputs } from "./check";
import { compare } from "./compare";
import { fieldManagerFor, isForced } from "./field-managers";
import { markImmutable } from "./immutable";
import {
  apiVersionOf,
  describe,
  idOf,
  kindOf,
  type Manifest,
  nameOf,
  namespaceOf,
  parseId,
  withNamespace,
  withoutStatus,
} from "./manifest";
import { telling } from "./messages";
import { normalise } from "./normalise";
import { readObject } from "./read";
import { checkSettings, diffSettings } from "./settings";
import { fromState, manifestOf, protect, toState } from "./state";
import { refuseUnserved, typeOf } from "./types";
import { readyOrKept, timeoutFor, untilGone, waitsForDeletion } from "./waiting";

export class KubernetesPlugin implements Plugin {
  readonly name = "kubernetes";
  private readonly access = new Access();

  constructor(
    readonly version: string,
    private readonly log: Log,
  ) {}

  checkConfig = checkSettings;
  diffConfig = diffSettings;

  configure(variables: Map<string, string>): void {
    this.access.configure(variables);
  }

  cancel(): void {
    this.access.interrupt();
  }

  async check(args: CheckArgs): Promise<CheckResult> {
    const given = manifestOf(args.news);
    refuseUnserved(typeOf(args.urn), kindOf(given));
    const inputs = await this.inDefaultNamespace(checkedInputs(args, given));
    return { inputs: protect(inputs, args.news) };
  }

  async diff({ olds, news, ignoreChanges }: DiffArgs): Promise<DiffResult> {
    const given = manifestOf(news);
    const { mutable } = this.access.settings;
    const namespaced = await this.access.ifReachable((cluster) => cluster.isNamespaced(given));
    const result = compare(fromState(olds), given, { ignoreChanges, namespaced, mutable });
    if (hasUnknown(given)) return result;
    return (
      (await this.access.ifReachable((cluster) => markImmutable(result, normalise(given), cluster))) ?? result
    );
  }

  async create(args: CreateArgs): Promise<State> {
    const inputs = manifestOf(args.inputs);
    const { preview } = args;
    if (preview && !(await this.canPreview(inputs))) return { id: "", properties: args.inputs };
    return telling(`${describe(inputs)} was not created`, args.inputs, inputs, async () => {
      const { cluster, settings, signal } = this.access;
      const { timeoutSeconds } = args;
      const fieldManager = fieldManagerFor(inputs, "");
      let live: Manifest;
      try {
        const current = settings.upsert ? await cluster.get(inputs, nameOf(inputs), signal) : undefined;
        live =
          current === undefined
            ? await cluster.create(inputs, { preview, signal, timeoutSeconds })
            : await this.apply(inputs, current, fieldManager, preview);
      } catch (error) {
        // In a preview the namespace may not be there yet, the object may be about to be replaced, and an admission
        // rule that this very deployment changes may still refuse it: like the official provider, show the inputs.
        if (preview && isApiError(error, 403, 404, 409)) return { id: "", properties: args.inputs };
        throw error;
      }
      const keep = (object: Manifest) =>
        toState({ live: object, inputs, fieldManager, initialApiVersion: apiVersionOf(inputs) }, args.inputs);
      if (preview) return { id: "", properties: keep(withoutStatus(live)) };
      return { id: idOf(live), properties: await this.ready(live, inputs, args, keep) };
    });
  }

  read(args: ReadArgs): Promise<(State & { inputs: JsonObject }) | undefined> {
    return readObject(args, this.access);
  }

  async update(args: UpdateArgs): Promise<JsonObject> {
    const inputs = normalise(manifestOf(args.inputs));
    const { preview } = args;
    if (preview && !(await this.canPreview(inputs))) return args.inputs;
    const before = fromState(args.olds);
    return telling(`${describe(inputs)} was not updated`, args.inputs, inputs, async () => {
      const current = await this.access.cluster.get(inputs, nameOf(before.live), this.access.signal);
      if (current === undefined)
        throw new Error("it is not on the cluster any more; `pulumi refresh` notes that");
      const manager = fieldManagerFor(inputs, before.fieldManager);
      let live: Manifest;
      try {
        live = await this.apply(inputs, current, manager, preview);
      } catch (error) {
        if (preview && isApiError(error, 403)) return args.inputs;
        throw error;
      }
      const { initialApiVersion } = before;
      const keep = (object: Manifest) =>
        toState({ live: object, inputs, fieldManager: manager, initialApiVersion }, args.inputs);
      return preview ? keep(live) : this.ready(live, inputs, args, keep);
    });
  }

  async delete({ id, urn, properties, timeoutSeconds }: DeleteArgs): Promise<void> {
    const { live, inputs } = fromState(properties);
    const { namespace, name } = parseId(id);
    const target = withNamespace(
      { ...live, metadata: { ...(inputs.metadata as JsonObject), name } },
      namespace,
    );
    await telling(`${describe(target)} was not deleted`, properties, live, () =>
      this.access.unlessGone(async (cluster) => {
        const { signal } = this.access;
        const answer = await cluster.delete(target, name);
        // A `Status` says that it is gone; the object itself comes back while something holds it.
        if (answer === undefined || kindOf(answer) === "Status" || !waitsForDeletion(inputs)) return;
        const progress = (message: string) => this.log.status(urn, message);
        const options = { timeoutSeconds: timeoutFor(inputs, timeoutSeconds), signal, progress };
        await untilGone(cluster, answer, name, options);
      }),
    );
  }

  private apply(inputs: Manifest, current: Manifest, manager: string, preview: boolean): Promise<Manifest> {
    const { cluster, settings, signal } = this.access;
    const force = isForced(inputs, current, settings.forcePatches, preview);
    return cluster.apply(inputs, current, { preview, signal, manager, force });
  }

  private async canPreview(inputs: Manifest): Promise<boolean> {
    if (hasUnknown(inputs)) return false;
    return (await this.access.ifReachable((cluster) => cluster.isServed(inputs))) === true;
  }

  private async inDefaultNamespace(inputs: Manifest): Promise<Manifest> {
    if (inputs.metadata === undefined || hasUnknown(inputs.metadata) || namespaceOf(inputs) !== "")
      return inputs;
    const namespaced = await this.access.ifReachable((cluster) => cluster.isNamespaced(inputs));
    if (namespaced !== true) return inputs;
    return withNamespace(inputs, this.access.settings.namespace ?? this.access.cluster.defaultNamespace);
  }

  private ready(
    live: Manifest,
    inputs: Manifest,
    { urn, timeoutSeconds }: CreateArgs,
    keep: (object: Manifest) => JsonObject,
  ): Promise<JsonObject> {
    const progress = (message: string) => this.log.status(urn, message);
    const options = {
      timeoutSeconds: timeoutFor(inputs, timeoutSeconds),
      signal: this.access.signal,
      progress,
    };
    return readyOrKept(this.access.cluster, live, inputs, options, keep);
  }
}
