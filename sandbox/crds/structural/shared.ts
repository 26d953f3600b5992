/** Schemas that several kinds share. Source of all of them: the CRDs of kagent 0.10 (go/api/config/crd/bases). */
import {
  atomic,
  atomicList,
  int64,
  list,
  mapOf,
  object,
  oneOf,
  required,
  rules,
  type Schema,
  text,
  textMap,
} from "./schema";

/** metav1.LabelSelector as controller-gen writes it. */
export const labelSelector = object(
  {
    matchExpressions: atomicList(
      object({ key: text(), operator: text(), values: atomicList(text()) }, required("key", "operator")),
    ),
    matchLabels: mapOf(text()),
  },
  atomic,
);

/** Who may refer to an object from another namespace. */
export const allowedNamespaces = object(
  { from: { ...oneOf("All", "Same", "Selector"), default: "Same" }, selector: labelSelector },
  rules([
    "selector must be specified when from is Selector",
    "!(self.from == 'Selector' && !has(self.selector))",
  ]),
);

/** A key of a ConfigMap or Secret in the same namespace. */
export const valueSource = object(
  { type: oneOf("ConfigMap", "Secret"), name: text({ maxLength: 253 }), key: text({ maxLength: 253 }) },
  required("key", "name", "type"),
);

const exactlyOneValue = rules([
  "Exactly one of value or valueFrom must be specified",
  "(has(self.value) && !has(self.valueFrom)) || (!has(self.value) && has(self.valueFrom))",
]);

/** A header that goes with every request to a tool. */
export const headersFrom = list(
  object(
    { name: text(), value: text(), valueFrom: valueSource },
    { ...required("name"), ...exactlyOneValue },
  ),
);

/** A credential of a chat channel. */
export const credential = object(
  { value: text({ maxLength: 8192 }), valueFrom: valueSource },
  exactlyOneValue,
);

export const tls = object(
  {
    caCertSecretKey: text(),
    caCertSecretRef: text(),
    disableSystemCAs: { type: "boolean", default: false },
    disableVerify: { type: "boolean", default: false },
  },
  rules(
    [
      "caCertSecretKey requires caCertSecretRef",
      "!(has(self.caCertSecretKey) && size(self.caCertSecretKey) > 0 && (!has(self.caCertSecretRef) || size(self.caCertSecretRef) == 0))",
    ],
    [
      "caCertSecretRef requires caCertSecretKey",
      "!(has(self.caCertSecretRef) && size(self.caCertSecretRef) > 0 && (!has(self.caCertSecretKey) || size(self.caCertSecretKey) == 0))",
    ],
    [
      "disableSystemCAs requires caCertSecretRef or disableVerify (trust-nothing config rejects every upstream)",
      "!(has(self.disableSystemCAs) && self.disableSystemCAs && (!has(self.disableVerify) || !self.disableVerify) && (!has(self.caCertSecretRef) || size(self.caCertSecretRef) == 0))",
    ],
  ),
);

/** metav1.Condition. */
const condition = object(
  {
    type: text({
      maxLength: 316,
      pattern:
        "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
    }),
    status: oneOf("True", "False", "Unknown"),
    reason: text({ minLength: 1, maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$" }),
    message: text({ maxLength: 32768 }),
    lastTransitionTime: text({ format: "date-time" }),
    observedGeneration: { ...int64, minimum: 0 },
  },
  required("lastTransitionTime", "message", "reason", "status", "type"),
);

/** The status of every kagent kind, with what a kind adds to it. */
export function status(more: Record<string, Schema> = {}): Schema {
  return object({ conditions: list(condition), observedGeneration: int64, ...more });
}

/** A reference to an object of the same namespace by name, with its kind. */
export const typedReference = { apiGroup: text(), kind: text(), name: text() };

/** Labels or annotations. */
export const labels = textMap;
