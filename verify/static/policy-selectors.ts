/**
 * Whether policies of other kinds than Kubernetes' own NetworkPolicy select pods of a namespace, as far as the namespace's name
 * and labels tell it (network-policy-api 0.3, Cilium 1.18, Calico 3.28, its tiers as of 3.29).
 */
import { asList, asMap, isMap } from "../../topology/loose";
import { type Doc, type Labels, meets, NotUnderstood } from "./objects";

/** Undefined: some pods of it, perhaps, or nobody here can tell. */
export type Answer = boolean | undefined;

/** A namespace as it is on the cluster; its labels have its name too. */
export interface Place {
  readonly name: string;
  readonly labels: Labels;
}

/** All of several: one no is enough, whatever is not known. */
export const all = (answers: readonly Answer[]): Answer => {
  if (answers.includes(false)) return false;
  return answers.every((answer) => answer === true) ? true : undefined;
};

/** One of several: one yes is enough. */
export const any = (answers: readonly Answer[]): Answer => {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
};

const understood = (ask: () => boolean): Answer => {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
};

const isText = (value: unknown): value is string => typeof value === "string";

/** What a label selector demands, all of which must hold; undefined stands for what is written as no demand can be. */
function requirements(selector: unknown): readonly (Doc | undefined)[] {
  if (!isMap(selector)) return [undefined];
  const { matchLabels, matchExpressions, ...rest } = selector;
  const isOdd =
    Object.keys(rest).length > 0 || !isMap(matchLabels ?? {}) || !Array.isArray(matchExpressions ?? []);
  const wanted = Object.entries(asMap(matchLabels)).map(([key, value]) =>
    isText(value) ? { key, operator: "In", values: [value] } : undefined,
  );
  return [...(isOdd ? [undefined] : []), ...wanted, ...asList(matchExpressions).map(readable)];
}

function readable(requirement: unknown): Doc | undefined {
  const { key, operator, values } = asMap(requirement);
  const listed = asList(values);
  const hasValues = listed.length > 0 && listed.every(isText);
  if (!isText(key) || !isText(operator) || (["In", "NotIn"].includes(operator) && !hasValues))
    return undefined;
  return { key, operator, values: listed };
}

const allHold = (selector: unknown, holds: (requirement: Doc) => Answer): Answer =>
  all(requirements(selector).map((one) => (one === undefined ? undefined : holds(one))));

/** The subject of an AdminNetworkPolicy or ClusterNetworkPolicy. Which labels pods bear, or will, is not asked. */
export function subjectSelects({ namespaces, pods }: Doc, { labels }: Place): Answer {
  return all([
    allHold(namespaces ?? pods?.namespaceSelector, (one) => understood(() => meets(one, labels))),
    requirements(pods?.podSelector ?? {}).length === 0 ? true : undefined,
  ]);
}

const NAMESPACE = /^(?:k8s:|any:)?io\.kubernetes\.pod\.namespace$/;
const NAMESPACE_LABEL = /^(?:k8s:|any:)?io\.cilium\.k8s\.namespace\.labels\.(.+)$/;
/** What pods never have: identities of nodes, of the health check, of Cilium's own ingress. Only pods that start are `init`. */
const RESERVED = /^(?:\$|reserved[:.])(?!init$)/;

/** An endpointSelector of Cilium, whose labels of a pod tell of its namespace too. */
export const endpointSelectorSelects = (selector: unknown, place: Place): Answer =>
  allHold(selector, (requirement) => requirementHolds(requirement, place));

function requirementHolds(requirement: Doc, { name, labels }: Place): Answer {
  const { key } = requirement;
  const holds = (known: string, of: Labels) => understood(() => meets({ ...requirement, key: known }, of));
  if (NAMESPACE.test(key)) return holds("name", { name });
  if (RESERVED.test(key)) return holds(key, {});
  const [, label] = NAMESPACE_LABEL.exec(key) ?? [];
  if (label === undefined) return undefined;
  // Cilium may be told to leave labels out, and then a pod is as if its namespace had none.
  const answer = holds(label, labels);
  return answer === false && holds(label, {}) ? undefined : answer;
}

const KEY = "[a-zA-Z0-9_./-]{1,512}";
const TEXT = `(?:"[^"]*"|'[^']*')`;
const HAS = `(?<not>!)? ?has\\( ?(?<has>${KEY}) ?\\)`;
const COMPARED = `(?<sign>[=!]=) ?(?<text>${TEXT})`;
const LISTED = `(?<list>in\\b|not ?in\\b) ?\\{ ?(?<texts>${TEXT}(?: ?, ?${TEXT})*) ?\\}`;
/** One term of a selector of Calico, and what joins it to the next; wherever a space stands here, there may be none or more. */
const TERM = new RegExp(
  ` ?(?:${HAS}|all\\( ?\\)|(?<key>${KEY})(?!${KEY}) ?(?:${COMPARED}|${LISTED})) ?(?:&&(?=.)|$)`.replaceAll(
    " ?",
    "[ \\t]*",
  ),
  "y",
);
const textsOf = (list: string): string[] =>
  [...list.matchAll(/"([^"]*)"|'([^']*)'/g)].map(([, double, single]) => double ?? single ?? "");

/** A selector of Calico as requirements that must all hold; undefined for one that says more, such as `||`. */
function terms(expression: string): Doc[] | undefined {
  const found: Doc[] = [];
  for (let at = 0; at < expression.length; at = TERM.lastIndex) {
    TERM.lastIndex = at;
    const part = TERM.exec(expression)?.groups;
    if (part === undefined) return undefined;
    if (part.has !== undefined)
      found.push({ key: part.has, operator: part.not === undefined ? "Exists" : "DoesNotExist" });
    else if (part.key !== undefined) {
      const isNegative = part.sign === "!=" || part.list?.startsWith("not");
      const values = textsOf(part.text ?? part.texts ?? "");
      found.push({ key: part.key, operator: isNegative ? "NotIn" : "In", values });
    }
  }
  return found;
}

/** A GlobalNetworkPolicy of Calico: by namespace, and by labels of a pod, of which only its namespace is known here. */
export function globalSelects(
  { namespaceSelector, selector, serviceAccountSelector }: Doc,
  { name, labels }: Place,
): Answer {
  const ofNamespace = { ...labels, "projectcalico.org/name": name };
  const ofPod = { "projectcalico.org/namespace": name };
  const holds = (expression: unknown, known: Labels, isWhole: boolean): Answer =>
    all(
      ((isText(expression) ? terms(expression) : undefined) ?? [undefined]).map((term) =>
        term !== undefined && (isWhole || Object.hasOwn(known, term.key)) ? meets(term, known) : undefined,
      ),
    );
  return all([
    holds(namespaceSelector ?? "", ofNamespace, true),
    holds(selector ?? "", ofPod, false),
    (serviceAccountSelector ?? "") === "" ? true : undefined,
  ]);
}
