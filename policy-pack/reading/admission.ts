/** Admission policies of both engines, in one form: what they match, their CEL, and the tables it looks things up in. */
import { createHash } from "node:crypto";
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { parseTables, type Table, type Tables } from "./cel-literal";
import { ADMISSION, CORE, GATEKEEPER_CONSTRAINTS, GATEKEEPER_TEMPLATES, KAGENT } from "./kinds";

/** What an admission policy of this governance is for, told by the table that it looks up. */
export const ROLES = {
  agents: {
    table: "delegations",
    group: KAGENT,
    kinds: ["Agent", "SandboxAgent", "AgentHarness"],
    resources: ["agents", "sandboxagents", "agentharnesses"],
  },
  "model-configs": { table: "apiKeys", group: KAGENT, kinds: ["ModelConfig"], resources: ["modelconfigs"] },
  // Labels can be written through its subresources too.
  namespaces: {
    table: "governed",
    group: CORE,
    kinds: ["Namespace"],
    resources: ["namespaces", "namespaces/*"],
  },
} as const;
export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as Role[];

export interface AdmissionView {
  readonly role: Role;
  /** The ValidatingAdmissionPolicy, or the ConstraintTemplate. */
  readonly source: StackObject;
  /** Bindings or Constraints that put it in force. */
  readonly inForce: readonly StackObject[];
  /** Variables and validations, without the tables. */
  readonly cel: Field;
  /** Where the tables stand. */
  readonly parameters: Field;
  readonly tables: Tables;
}

const roleOf = (tables: Tables): Role | undefined => ROLE_NAMES.find((role) => tables.has(ROLES[role].table));

function nativePolicies(stack: StackIndex): AdmissionView[] {
  const bindings = new Map<string, StackObject[]>();
  for (const binding of stack.of(ADMISSION, "ValidatingAdmissionPolicyBinding")) {
    const name = binding.spec.at("policyName").text() ?? "";
    bindings.set(name, [...(bindings.get(name) ?? []), binding]);
  }
  return stack.of(ADMISSION, "ValidatingAdmissionPolicy").flatMap((source) => {
    const parameters = source.spec
      .at("variables")
      .items()
      .find((variable) => variable.at("name").text() === "params");
    const tables = parseTables(parameters?.at("expression").text() ?? "");
    const role = tables && roleOf(tables);
    if (parameters === undefined || tables === undefined || role === undefined) return [];
    const inForce = bindings.get(source.name) ?? [];
    return [{ role, source, inForce, cel: source.spec, parameters: parameters.at("expression"), tables }];
  });
}

function gatekeeperPolicies(stack: StackIndex): AdmissionView[] {
  return stack.of(GATEKEEPER_TEMPLATES, "ConstraintTemplate").flatMap((source): AdmissionView[] => {
    const kind = constraintKind(source);
    const constraints = stack.of(GATEKEEPER_CONSTRAINTS, kind);
    const [code] = celOf(source);
    if (code === undefined) return [];
    const [first] = constraints;
    if (first === undefined) {
      // Not in force: still one of ours if its source is one that was reviewed.
      const role = ROLE_NAMES.find((name) => REVIEWED[name].includes(digest(code.at("source"))));
      const parameters = source.root;
      return role === undefined
        ? []
        : [{ role, source, inForce: [], cel: code.at("source"), parameters, tables: new Map() }];
    }
    const parameters = first.spec.at("parameters");
    const tables: Tables = new Map(parameters.entries().map(([name, rows]) => [name, tableOf(rows)]));
    const role = roleOf(tables);
    return role === undefined
      ? []
      : [{ role, source, inForce: constraints, cel: code.at("source"), parameters, tables }];
  });
}

const tableOf = (rows: Field): Table =>
  typeof rows.value === "object" && !Array.isArray(rows.value)
    ? new Map(rows.entries().map(([key, values]) => [key, Array.isArray(values.value) ? values.texts() : []]))
    : new Map();

export const constraintKind = (template: StackObject): string =>
  template.spec.at("crd", "spec", "names", "kind").text() ?? "";
/** CEL sources of a template. */
export const celOf = (template: StackObject): Field[] =>
  template.spec
    .at("targets")
    .items()
    .flatMap((target) => target.at("code").items())
    .filter((code) => code.at("engine").text() === "K8sNativeValidation");

export const admissionPolicies = (stack: StackIndex): readonly AdmissionView[] => stack.derive(readPolicies);
const readPolicies = (stack: StackIndex): readonly AdmissionView[] => [
  ...nativePolicies(stack),
  ...gatekeeperPolicies(stack),
];

/** Hash of everything in a CEL source that decides: names and expressions in their order, messages left out. */
export function digest(cel: Field): string {
  const pairs = [
    ...cel
      .at("variables")
      .items()
      .filter((variable) => variable.at("name").text() !== "params")
      .map((variable) => [variable.at("name").text(), variable.at("expression").text()]),
    ...cel
      .at("validations")
      .items()
      .map((validation) => [validation.at("expression").text()]),
  ];
  return createHash("sha256").update(JSON.stringify(pairs)).digest("hex");
}

/** Digests of sources that somebody has read. `npm run policies:review` writes them. */
export const REVIEWED = require("../reviewed-admission.json") as Readonly<Record<Role, readonly string[]>>;
