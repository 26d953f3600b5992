/** Names as External Secrets checks them. Source: its CRDs, version 2.9.0. */
import { text } from "./schema";

const dnsLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

export const objectName = text({ minLength: 1, maxLength: 253, pattern: `^${dnsLabel}(\\.${dnsLabel})*$` });
export const namespaceName = text({ minLength: 1, maxLength: 63, pattern: `^${dnsLabel}$` });
export const dataKey = text({ minLength: 1, maxLength: 253, pattern: "^[-._a-zA-Z0-9]+$" });
