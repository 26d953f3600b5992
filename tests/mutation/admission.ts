/** Weakenings of admission, in both engines. */
import { drop, indices, modelKey, names, type Operator, push, remove, set, value } from "./mutant";

const source = ["spec", "targets", 0, "code", 0, "source"] as const;

function* cel(
  object: Parameters<Operator>[0],
  title: string,
  at: readonly (string | number)[],
  first: number,
) {
  for (const index of indices(object, ...at, "validations")) {
    yield remove(title, ...at, "validations", index);
    yield set(title, [...at, "validations", index, "expression"], "true");
  }
  for (const index of indices(object, ...at, "variables").slice(first))
    yield set(title, [...at, "variables", index, "expression"], "false");
}

/** `'a': ['b']` in the literal of a ValidatingAdmissionPolicy. */
function* literals(object: Parameters<Operator>[0], title: string) {
  const at = ["spec", "variables", 0, "expression"] as const;
  const text = String(value(object, at));
  for (const [, key = ""] of text.matchAll(/('[^']+'): \[/g)) {
    yield set(
      title,
      at,
      text.replace(`${key}: [`, `${key}: ['orchestrator-a2a-tokens', `).replace(", ]", "]"),
      `with one more for ${key}`,
    );
    yield set(title, at, text.replace(new RegExp(`${key}: \\[[^\\]]*\\](, )?`), ""), `without ${key}`);
  }
  yield set(title, at, "{}");
}

export const native: Operator = function* (object, title) {
  if (object.kind === "ValidatingAdmissionPolicy") {
    yield drop(title);
    yield set(title, ["spec", "failurePolicy"], "Ignore");
    const match = ["spec", "matchConstraints"] as const;
    for (const selector of ["namespaceSelector", "objectSelector"])
      yield set(title, [...match, selector], { matchLabels: { checked: "true" } });
    yield set(
      title,
      [...match, "excludeResourceRules"],
      [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"] }],
    );
    yield set(
      title,
      ["spec", "matchConditions"],
      [{ name: "not-me", expression: "request.userInfo.username != 'me'" }],
    );
    const rule = [...match, "resourceRules", 0] as const;
    for (const index of indices(object, ...rule, "operations"))
      yield remove(title, ...rule, "operations", index);
    for (const index of indices(object, ...rule, "resources"))
      yield remove(title, ...rule, "resources", index);
    yield set(title, [...rule, "apiVersions"], ["v1alpha2"]);
    yield set(title, [...rule, "apiGroups"], ["example.com"]);
    yield set(title, [...rule, "resourceNames"], ["one"]);
    yield* cel(object, title, ["spec"], 1);
    yield* literals(object, title);
  }
  if (object.kind === "ValidatingAdmissionPolicyBinding") {
    yield drop(title);
    for (const actions of [["Warn"], ["Audit"], []]) yield set(title, ["spec", "validationActions"], actions);
    yield set(title, ["spec", "policyName"], "other");
    yield set(title, ["spec", "matchResources"], { namespaceSelector: { matchLabels: { checked: "true" } } });
    yield set(title, ["spec", "matchResources"], { excludeResourceRules: [{ resources: ["*"] }] });
  }
};

export const gatekeeper: Operator = function* (object, title, all) {
  if (object.kind === "ConstraintTemplate") {
    yield drop(title);
    yield set(title, [...source, "failurePolicy"], "Ignore");
    yield remove(title, ...source, "failurePolicy");
    yield set(title, [...source, "matchConditions"], [{ name: "not-me", expression: "false" }]);
    yield* cel(object, title, source, 0);
  }
  if (object.apiVersion !== "constraints.gatekeeper.sh/v1beta1") return;
  yield drop(title);
  for (const action of ["dryrun", "warn", "scoped"]) yield set(title, ["spec", "enforcementAction"], action);
  const match = ["spec", "match"] as const;
  yield set(title, [...match, "excludedNamespaces"], ["team-alpha"]);
  yield set(title, [...match, "namespaces"], ["team-beta"]);
  yield set(title, [...match, "namespaceSelector"], { matchLabels: { checked: "true" } });
  yield set(title, [...match, "labelSelector"], { matchLabels: { checked: "true" } });
  for (const index of indices(object, ...match, "kinds", 0, "kinds"))
    yield remove(title, ...match, "kinds", 0, "kinds", index);
  yield set(title, [...match, "kinds", 0, "apiGroups"], ["example.com"]);
  for (const table of names(object, "spec", "parameters")) {
    yield remove(title, "spec", "parameters", table);
    for (const key of names(object, "spec", "parameters", table)) {
      yield remove(title, "spec", "parameters", table, key);
      const there = value(object, ["spec", "parameters", table, key]) as string[];
      const more = table === "agents" ? modelKey(all) : "team-beta/specialist";
      if (!there.includes(more)) yield push(title, ["spec", "parameters", table, key], more);
      yield push(title, ["spec", "parameters", table, key], "orchestrator-a2a-tokens");
    }
    yield set(title, ["spec", "parameters", table, "team-alpha/ghost"], ["team-beta/specialist"]);
  }
};
