/** Audit policies (`audit.k8s.io`), which reach the pack as files, or as the output `auditPolicy` of a stack. */
import type { Field } from "../framework/field";
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { AUDIT } from "./kinds";

export const auditPolicies = (stack: StackIndex): readonly StackObject[] => stack.of(AUDIT, "Policy");
export const LEVELS = ["None", "Metadata", "Request", "RequestResponse"] as const;

export const rulesOf = (policy: StackObject): Field[] => policy.at("rules").items();
export const logsBodies = (rule: Field): boolean =>
  ["Request", "RequestResponse"].includes(rule.at("level").text() ?? "");

export interface AuditRequest {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

/** Whether a rule could match a request, whoever makes it. */
export function mayMatch(rule: Field, { group, resource, verb }: AuditRequest): boolean {
  if (rule.at("nonResourceURLs").items().length > 0 && rule.at("resources").items().length === 0)
    return false;
  const verbs = rule.at("verbs").texts();
  if (verbs.length > 0 && !verbs.includes(verb) && !verbs.includes("*")) return false;
  const resources = rule.at("resources").items();
  if (resources.length === 0) return true;
  return resources.some(
    (entry) => (entry.at("group").text() ?? "") === group && namesResource(entry, resource),
  );
}

/** `pods`, `pods/*`, `*` and `*`-slash-subresource, as kube-apiserver reads them. */
function namesResource(entry: Field, resource: string): boolean {
  const names = entry.at("resources").texts();
  if (names.length === 0) return true;
  const [kind = "", sub] = resource.split("/");
  return names.some((name) => {
    if (name === resource) return true;
    if (name === "*") return true;
    if (sub === undefined) return false;
    return name === `${kind}/*` || name === `*/${sub}`;
  });
}

/** Whether a rule matches each such request: it looks neither at who asks nor at namespaces or names. */
export const matchesAlways = (rule: Field, request: AuditRequest): boolean =>
  mayMatch(rule, request) &&
  ["users", "userGroups", "namespaces"].every((key) => rule.at(key).items().length === 0) &&
  rule
    .at("resources")
    .items()
    .every((entry) => entry.at("resourceNames").items().length === 0);

/** Rules up to the first that always matches: the first match decides. */
export function deciding(policy: StackObject, request: AuditRequest): Field[] {
  const rules: Field[] = [];
  for (const rule of rulesOf(policy)) {
    if (!mayMatch(rule, request)) continue;
    rules.push(rule);
    if (matchesAlways(rule, request)) break;
  }
  return rules;
}
