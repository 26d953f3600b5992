/**
 * The package `random`, as far as this project uses it: RandomPassword.
 * Source: pulumi/pulumi-random sdk/nodejs/randomPassword.ts, hashicorp/terraform-provider-random
 * internal/provider/resource_password.go (every change of an input replaces the resource).
 */
import type {
  CheckArgs,
  CheckResult,
  CreateArgs,
  DiffArgs,
  DiffResult,
  Plugin,
  PropertyChange,
  ReadArgs,
  State,
} from "../rpc/plugin";
import { NotServedError } from "../rpc/plugin";
import { hasUnknown, isSecret, type JsonObject, makeSecret, plain, UNKNOWN } from "../rpc/values";
import { generatePassword, type PasswordRules, problems, rulesFrom } from "./password";

/**
 * In which form the state is, so that the official provider can go on with it.
 * Source: pulumi/pulumi-random provider/testdata/recorded/TestProviderUpgrade/index_randompassword.
 */
const META = '{"schema_version":"3"}';
const PASSWORD = "random:index/randomPassword:RandomPassword";

export class RandomPlugin implements Plugin {
  readonly name = "random";

  constructor(readonly version: string) {}

  configure(): void {}
  cancel(): void {}

  async check({ urn, news }: CheckArgs): Promise<CheckResult> {
    const type = typeOf(urn);
    if (type !== PASSWORD) throw new NotServedError(`resources of type ${type}`);
    return { inputs: news, failures: hasUnknown(plain(news)) ? [] : problems(plain(news)) };
  }

  async diff({ olds, news, ignoreChanges }: DiffArgs): Promise<DiffResult> {
    const before = { ...rulesFrom(plain(olds)), keepers: plain(olds).keepers ?? null };
    const after = { ...rulesFrom(plain(news)), keepers: plain(news).keepers ?? null };
    const changes = new Map<string, PropertyChange>();
    for (const key of Object.keys(after) as (keyof typeof after)[]) {
      if (ignoreChanges.includes(key) || same(before[key], after[key])) continue;
      changes.set(key, { kind: "update", replace: true });
    }
    return { changes, deleteBeforeReplace: false };
  }

  async create({ inputs, preview }: CreateArgs): Promise<State> {
    // No `bcryptHash`: nothing here reads it, and Node has no bcrypt of its own.
    const rules = rulesFrom(plain(inputs));
    const result = preview ? UNKNOWN : generatePassword(rules);
    return { id: preview ? "" : "none", properties: outputs(inputs, rules, result) };
  }

  async read({ id, inputs, properties }: ReadArgs): Promise<State & { inputs: JsonObject }> {
    if (Object.keys(properties).length > 0) return { id, inputs, properties };
    // Import: the identifier given is the password itself.
    const rules = rulesFrom({ length: [...id].length });
    return { id: "none", inputs: { length: rules.length }, properties: outputs({}, rules, id) };
  }

  async update(): Promise<JsonObject> {
    throw new Error("a RandomPassword is replaced when an input changes, never updated");
  }

  async delete(): Promise<void> {}
}

function outputs(inputs: JsonObject, rules: PasswordRules, result: string): JsonObject {
  const { overrideSpecial, ...rest } = rules;
  const state: JsonObject = { ...rest, ...inputs, result: makeSecret(result), __meta: META };
  if (overrideSpecial !== undefined && !isSecret(state.overrideSpecial))
    state.overrideSpecial = overrideSpecial;
  return state;
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value ?? null;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
