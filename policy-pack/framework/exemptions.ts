/**
 * Exemptions: pack configuration that lets one resource off one rule until a date. Each is printed on every run, and ends by
 * itself. What cannot be understood exempts nothing.
 */
import type { RuleResult } from "./evaluate";
import type { Finding } from "./finding";
import type { StackIndex } from "./stack-index";

export interface Exemption {
  readonly rule: string;
  /** `<Kind> <namespace>/<name>`, or `<Kind> <name>` for what has no namespace. An object without a name cannot be exempt. */
  readonly resource: string;
  /** API group of the resource, empty for the core group. Needed where the stack has objects of several that are called the same. */
  readonly group?: string;
  readonly reason: string;
  /** Last day on which it counts, `YYYY-MM-DD`, in UTC. */
  readonly until: string;
}

export interface Exemptions {
  readonly valid: readonly Exemption[];
  /** Sentences about what cannot be understood: each refuses the deployment. */
  readonly problems: readonly string[];
}

/** Longest exemption: a year. After that somebody has to look at it again. */
const MAX_DAYS = 366;
const DAY = 86_400_000;

/** End of the last day on which an exemption counts; undefined when the text is no date. */
function endOf(until: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(until)) return undefined;
  const start = Date.parse(`${until}T00:00:00Z`);
  // `2026-02-31` is taken for March by Date.
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== until) return undefined;
  return start + DAY;
}

export function readExemptions(raw: unknown, rules: ReadonlySet<string>, now: Date): Exemptions {
  if (raw === undefined || raw === null) return { valid: [], problems: [] };
  if (!Array.isArray(raw))
    return { valid: [], problems: ["exemptions must be a list of {rule, resource, reason, until}."] };
  const valid: Exemption[] = [];
  const problems: string[] = [];
  raw.forEach((item: unknown, index) => {
    const found = problemsOf(item, `exemptions[${index}]`, rules, now);
    if (found.length > 0) problems.push(...found);
    else valid.push(item as Exemption);
  });
  return { valid, problems };
}

const NEEDED = ["rule", "resource", "reason", "until"] as const;
const KEYS: readonly string[] = [...NEEDED, "group"];

function problemsOf(item: unknown, where: string, rules: ReadonlySet<string>, now: Date): string[] {
  if (typeof item !== "object" || item === null || Array.isArray(item))
    return [`${where} must be a map of rule, resource, reason and until.`];
  const given = item as Readonly<Record<string, unknown>>;
  const problems = Object.keys(given)
    .filter((key) => !KEYS.includes(key))
    .map((key) => `${where}.${key}: there is no such key; the keys are ${KEYS.join(", ")}.`);
  const { group = "" } = given;
  if (typeof group !== "string" || !/^[a-z0-9.-]*$/.test(group))
    problems.push(
      `${where}.group must be an API group without a version, such as networking.istio.io, or "" for the core group.`,
    );
  for (const field of NEEDED) {
    const value = given[field];
    if (typeof value !== "string" || value.trim() === "")
      problems.push(`${where}.${field} is missing: write a text that is not empty.`);
  }
  if (problems.length > 0) return problems;
  const { rule, until } = item as Exemption;
  if (!rules.has(rule))
    problems.push(`${where}.rule: there is no rule ${JSON.stringify(rule)}; docs/policies.md lists them.`);
  const end = endOf(until);
  if (end === undefined) problems.push(`${where}.until must be a date such as 2026-12-31.`);
  else if (end - now.getTime() > MAX_DAYS * DAY)
    problems.push(
      `${where}.until is more than ${MAX_DAYS} days away: choose a day on which it is looked at again.`,
    );
  return problems;
}

export const isInForce = ({ until }: Exemption, now: Date): boolean => now.getTime() < (endOf(until) ?? 0);

/** By `<Kind> <namespace>/<name>`. */
function groupsByTitle({ objects }: StackIndex): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { title, group } of objects) groups.set(title, (groups.get(title) ?? new Set()).add(group));
  return groups;
}

const nameOf = (group: string): string => group || "the core group";

/** Looks up exemptions in force by rule and resource. */
export class ExemptionBook {
  readonly #byKey = new Map<string, Exemption[]>();
  readonly #used = new Set<Exemption>();
  readonly #ambiguous = new Set<Exemption>();

  constructor(
    readonly all: readonly Exemption[],
    readonly now: Date,
  ) {
    for (const exemption of all.filter((one) => isInForce(one, now))) {
      const key = `${exemption.rule} ${exemption.resource}`;
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), exemption]);
    }
  }

  /** Findings that nothing exempts. An exemption that may mean several objects exempts none, and the finding says why. */
  uncovered({ rule, stack, findings }: RuleResult): Finding[] {
    return findings.flatMap((finding) => {
      const { object, endsRule, message } = finding;
      // Whatever has no name would be one and the same resource.
      if (endsRule === true || object.name === "" || object.kind === "") return [finding];
      const named = this.#byKey.get(`${rule.name} ${object.title}`) ?? [];
      const exact = named.find(({ group }) => group === object.group);
      const found = exact ?? named.find(({ group }) => group === undefined);
      if (found === undefined) return [finding];
      const others = [...(stack.derive(groupsByTitle).get(object.title) ?? [])].filter(
        (group) => group !== object.group,
      );
      if (exact !== undefined || others.length === 0) {
        this.#used.add(found);
        return [];
      }
      this.#ambiguous.add(found);
      const why = `The stack has another of this name in ${others.map(nameOf).sort().join(", ")}: an exemption counts once it says "group": "${object.group}".`;
      return [{ ...finding, message: `${message} ${why}` }];
    });
  }

  /** One line per exemption, to be printed on every run, after the rules. */
  report(): string[] {
    return this.all.map((exemption) => {
      const { rule, resource, group, reason, until } = exemption;
      const which = group === undefined ? resource : `${resource} (${nameOf(group)})`;
      const what = `${which} from ${rule} until ${until} (${reason})`;
      if (!isInForce(exemption, this.now)) return `exemption expired, the rule is enforced again: ${what}`;
      if (this.#ambiguous.has(exemption))
        return `exemption without an effect until it says its group: ${what}`;
      return this.#used.has(exemption) ? `exempted: ${what}` : `exemption without a use, remove it: ${what}`;
    });
  }
}
