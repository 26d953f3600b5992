/**
 * Rules as CrossGuard policies. Stack rules run over all resources at the end of a preview; rules on values that only the
 * engine knows run on each resource, at `up` before it is created (source: @pulumi/policy 1.21, `server.js`).
 */
import type {
  Policies,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { evaluateRule, type RuleResult } from "./evaluate";
import { EXEMPTIONS_POLICY } from "./exemption-policy";
import { ExemptionBook, type Exemptions, readExemptions } from "./exemptions";
import { describeFinding } from "./finding";
import type { RawObject } from "./object";
import { type EngineResource, isUnknownToEngine, toRawObject } from "./resources";
import { documentation, type Rule } from "./rule";
import { StackIndex } from "./stack-index";

export { EXEMPTIONS_POLICY };
export const NOTICES_POLICY = "notices";

export interface PackOptions {
  readonly now?: () => Date;
  /** Whether this is a preview. */
  readonly isPreview?: () => boolean;
}

/** What one run of the engine shares between policies: the engine calls one policy after the other. */
class Run {
  readonly stack: StackIndex;
  readonly served = new Set<string>();

  constructor(
    { resources }: Pick<StackValidationArgs, "resources">,
    declared: ReadonlyMap<string, EngineResource>,
    readonly resourceCount = resources.length,
  ) {
    this.stack = new StackIndex(rawObjects(resources, declared), isUnknownToEngine);
  }
}

/**
 * What is declared, rather than what the provider answered: in a preview its dry run may keep fields that the update will remove,
 * because it takes over who owns them only when it really updates (source: pulumi-kubernetes 4.x, `fixCSAFieldManagers`).
 */
function* rawObjects(
  resources: StackValidationArgs["resources"],
  declared: ReadonlyMap<string, EngineResource>,
): Iterable<RawObject> {
  for (const resource of resources) {
    const raw = toRawObject(declared.get(resource.urn) ?? resource);
    if (raw !== undefined) yield raw;
  }
}

export class CrossGuardPack {
  #run: Run | undefined;
  #exemptions: Exemptions = { valid: [], problems: [] };
  #book: ExemptionBook;
  /** Inputs of the resources that the program registered, which the engine shows one by one before it asks the provider. */
  readonly #declared = new Map<string, EngineResource>();
  readonly #names: ReadonlySet<string>;
  readonly #now: () => Date;
  readonly #isPreview: () => boolean;

  constructor(
    readonly rules: readonly Rule[],
    options: PackOptions = {},
  ) {
    this.#names = new Set(rules.map(({ name }) => name));
    this.#now = options.now ?? (() => new Date());
    this.#isPreview = options.isPreview ?? (() => process.env.PULUMI_DRY_RUN === "true");
    this.#book = new ExemptionBook([], this.#now());
  }

  /** Exemptions first, since the policies after them ask for them; notices last, since they tell what was used. */
  policies(): Policies {
    return [this.#readExemptions(), ...this.rules.flatMap((rule) => this.#policiesOf(rule)), this.#notices()];
  }

  #readExemptions(): ResourceValidationPolicy {
    let reported = "";
    return {
      name: EXEMPTIONS_POLICY,
      description: "Exemptions from rules are understood, name a rule that exists, and end.",
      enforcementLevel: "mandatory",
      severity: "high",
      url: documentation({ name: "exemptions" }),
      configSchema: {
        properties: { exemptions: { type: "array", items: {}, default: [] } },
      },
      validateResource: (args, report) => {
        const { type, urn, props } = args;
        if (type.startsWith("kubernetes:")) this.#declared.set(urn, { type, urn, props });
        const { exemptions } = args.getConfig<{ exemptions?: unknown }>();
        const text = JSON.stringify(exemptions ?? []);
        // Once per configuration, not once per resource.
        if (text === reported) return;
        reported = text;
        this.#exemptions = readExemptions(exemptions, this.#names, this.#now());
        this.#book = new ExemptionBook(this.#exemptions.valid, this.#now());
        for (const problem of this.#exemptions.problems) report(problem);
      },
    };
  }

  #policiesOf(rule: Rule): Policies {
    const common = {
      name: rule.name,
      description: rule.description,
      enforcementLevel: "mandatory" as const,
      severity: rule.severity,
      remediationSteps: rule.remediation.join("\n"),
      url: documentation(rule),
      tags: [rule.layer],
    };
    const { readsAtUp } = rule;
    if (readsAtUp === undefined)
      return [
        { ...common, validateStack: (args, report) => this.#report(this.#resultOf(rule, args), report) },
      ];
    // The first of the kind goes along, so that a rule can hold the others against it.
    let first: RawObject | undefined;
    return [
      {
        ...common,
        validateResource: ({ type, props, urn }, report) => {
          if (!isOfKind(type, readsAtUp)) return;
          const raw = toRawObject({ type, props, urn });
          if (raw === undefined) return;
          if (first === undefined || first.origin.urn === urn) first = raw;
          const result = evaluateRule(rule, new StackIndex(new Set([first, raw]), isUnknownToEngine));
          const own = result.findings.filter(({ object }) => object.origin.urn === urn);
          this.#report({ ...result, findings: own }, report);
        },
      },
    ];
  }

  /** A policy that asks a second time belongs to the next run. */
  #runFor(rule: string, args: StackValidationArgs): Run {
    const known = this.#run;
    if (known !== undefined && known.resourceCount === args.resources.length && !known.served.has(rule)) {
      known.served.add(rule);
      return known;
    }
    const run = new Run(args, this.#declared);
    run.served.add(rule);
    this.#run = run;
    return run;
  }

  #resultOf(rule: Rule, args: StackValidationArgs): RuleResult {
    const run = this.#runFor(rule.name, args);
    const result = evaluateRule(rule, run.stack);
    if (!result.applies) args.notApplicable("The stack has nothing that this rule looks at.");
    return result;
  }

  #report(result: RuleResult, report: (message: string, urn?: string) => void): void {
    for (const finding of this.#book.uncovered(result))
      report(describeFinding(finding), finding.object.origin.urn);
  }

  #notices(): StackValidationPolicy {
    return {
      name: NOTICES_POLICY,
      description: "What is exempted, and what a preview leaves to `up`.",
      enforcementLevel: "advisory",
      severity: "low",
      url: documentation({ name: "notices" }),
      validateStack: (args, report) => {
        const { stack } = this.#runFor(NOTICES_POLICY, args);
        for (const line of this.#book.report()) report(line);
        if (!this.#isPreview()) return;
        for (const rule of this.rules.filter(({ readsAtUp }) => readsAtUp !== undefined))
          for (const object of evaluateRule(rule, stack).checkedAtUp)
            report(`checked at up: ${rule.name} on ${object.title}`, object.origin.urn);
      },
    };
  }
}

/** Whether a type of the engine is a kind, in whatever version of its API. */
const isOfKind = (
  type: string,
  { group, kind }: { readonly group: string; readonly kind: string },
): boolean => type.startsWith(`kubernetes:${group || "core"}/`) && type.endsWith(`:${kind}`);
