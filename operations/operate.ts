/**
 * The one way a stack is previewed and deployed: always with the policy pack, and failing on what the pack could not check.
 * `npm start`, the npm scripts for real stacks and pull requests all go through here.
 */
import type { DestroyResult, EngineEvent, PreviewResult, Stack, UpResult } from "@pulumi/pulumi/automation";
import { policyPack } from "../policy-pack/attach";
import { explained } from "./explain";
import { describeProtected, protectedResources } from "./protected";
import { type Step, stepOf } from "./steps";

/** What a run is about. `refresh` reads the cluster, then previews with the pack: the engine's own refresh takes none. */
export type Operation = "preview" | "up" | "refresh" | "destroy";

export interface PolicyFinding {
  readonly policy: string;
  readonly message: string;
  readonly mandatory: boolean;
}

export interface Outcome {
  /** Number of resources by operation, such as `create`, `same`. */
  readonly changes: Readonly<Record<string, number>>;
  /** What is done to each resource, in the engine's order; after `refresh`, what `up` would do. */
  readonly steps: readonly Step[];
  /** All that the engine printed. */
  readonly output: string;
  /** Advisory findings; a mandatory one fails the run. */
  readonly findings: readonly PolicyFinding[];
}

export interface OperateOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: EngineEvent) => void;
  readonly onOutput?: (text: string) => void;
  /**
   * Called when nothing refuses `up` or `destroy` any more, before anything is changed; for `up` with its preview, which is then
   * shown, too. What it throws ends the run.
   */
  readonly beforeChange?: (preview?: Outcome) => Promise<void>;
}

/** What findings say themselves, without the description of their policy, which the SDK puts on lines above (@pulumi/policy 1.21). */
export const noticesOf = ({ findings }: Pick<Outcome, "findings">): string[] =>
  findings.map(({ message }) => message.split("\n").at(-1)?.trim() ?? "");

/** The engine, or the pack, refused. The message holds every reason, once. */
export class OperationFailed extends Error {
  override readonly name = "OperationFailed";
  readonly hideStack = true;
  constructor(
    operation: Operation,
    readonly reasons: readonly string[],
    readonly findings: readonly PolicyFinding[],
  ) {
    super([`${operation} failed:`, ...reasons.map((reason) => `  ${reason}`)].join("\n"));
  }
}

/** @throws OperationFailed */
export async function operate(
  stack: Stack,
  operation: Operation,
  options: OperateOptions = {},
): Promise<Outcome> {
  const { signal, onOutput, onEvent, beforeChange } = options;
  const watched = { ...(signal && { signal }), ...(onOutput && { onOutput }) };
  // Rules on the whole stack run at the end of an operation: only a preview refuses before anything is created.
  if (operation === "up") {
    const preview = await operate(stack, "preview", beforeChange ? watched : { ...(signal && { signal }) });
    await beforeChange?.(preview);
  }
  if (operation === "destroy") {
    await refuseProtected(stack);
    await beforeChange?.();
  }
  const watch = new Watch(onEvent);
  const common = { ...watched, onEvent: watch.onEvent };
  const withPack = { ...common, policyPacks: [policyPack.path], policyPackConfigs: [policyPack.configFile] };
  const done = await run(
    async () => {
      switch (operation) {
        case "preview":
          return previewed(await stack.preview(withPack));
        case "up":
          return deployed(await stack.up({ ...withPack, suppressOutputs: true }));
        case "refresh":
          await stack.refresh(common);
          // What it wrote into the state is no change that anybody will make.
          watch.steps.length = 0;
          return previewed(await stack.preview(withPack));
        case "destroy":
          // The engine takes no pack here, and what goes away breaks no rule.
          return deployed(await stack.destroy(common));
      }
    },
    watch,
    operation,
  );
  const unchecked = watch.findings.filter(({ message }) => message.includes(COULD_NOT_RUN));
  if (unchecked.length > 0) throw new OperationFailed(operation, unchecked.map(describe), watch.findings);
  return { ...done, steps: watch.steps, findings: watch.findings };
}

async function refuseProtected(stack: Stack): Promise<void> {
  const found = await protectedResources(stack);
  const reasons = found.map((resource) => describeProtected(resource, stack.name));
  if (reasons.length > 0) throw new OperationFailed("destroy", reasons, []);
}

type Done = Pick<Outcome, "changes" | "output">;

const previewed = ({ changeSummary, stdout, stderr }: PreviewResult): Done => ({
  changes: changeSummary as Record<string, number>,
  output: stdout + stderr,
});
const deployed = ({ summary, stdout, stderr }: UpResult | DestroyResult): Done => ({
  changes: (summary.resourceChanges ?? {}) as Record<string, number>,
  output: stdout + stderr,
});

/** Said by @pulumi/policy 1.21 when a rule met an unknown value; the engine then counts it as advisory and goes on. */
const COULD_NOT_RUN = "can't run";

const describe = ({ policy, message }: PolicyFinding): string => `[${policy}] ${message}`;

async function run<T>(work: () => Promise<T>, watch: Watch, operation: Operation): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const violations = watch.findings.filter(({ mandatory }) => mandatory).map(describe);
    const reasons = [...violations, ...watch.errors];
    const text = error instanceof Error ? error.message : String(error);
    throw new OperationFailed(
      operation,
      [...new Set(reasons.length > 0 ? reasons : diagnosticsOf(text))],
      watch.findings,
    );
  }
}

/** The engine's own words, without the frames around them. */
function diagnosticsOf(text: string): string[] {
  const lines = (text.split("Diagnostics:").at(-1) ?? "").split("\n").map((line) => line.trim());
  const errors = lines.filter((line) => line.startsWith("error:"));
  return errors.length > 0 ? errors.map(explained) : [explained(text)];
}

/** Collects what the engine reports. */
class Watch {
  readonly steps: Step[] = [];
  readonly findings: PolicyFinding[] = [];
  readonly errors: string[] = [];

  constructor(private readonly next: ((event: EngineEvent) => void) | undefined) {}

  readonly onEvent = (event: EngineEvent): void => {
    const { policyEvent, diagnosticEvent } = event;
    if (policyEvent !== undefined)
      this.findings.push({
        policy: policyEvent.policyName,
        message: plain(policyEvent.message),
        mandatory: policyEvent.enforcementLevel === "mandatory",
      });
    if (diagnosticEvent?.severity === "error") {
      const message = plain(diagnosticEvent.message);
      if (!/^(update|preview|destroy|refresh) failed$/.test(message))
        this.errors.push(explained(named(message, diagnosticEvent.urn)));
    }
    const step = stepOf(event);
    if (step !== undefined) this.steps.push(step);
    this.next?.(event);
  };
}

/** helm's own words, such as "another operation is in progress", name no release. */
function named(message: string, urn: string | undefined): string {
  const name = urn?.split("::").at(-1);
  return name === undefined || message.includes(name) || urn?.includes("::pulumi:pulumi:Stack::")
    ? message
    : `${name}: ${message}`;
}

/** Engine messages carry colour directives such as `<{%reset%}>`. */
const plain = (message: string): string => message.replaceAll(/<\{%.*?%\}>/g, "").trim();
