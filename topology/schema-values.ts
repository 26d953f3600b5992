/** The values that a configuration is made of. */
import { z } from "zod";
import { canonicalCidr, hasBitsBeyond, isMapped, parseCidr } from "./addresses";
import {
  DNS_LABEL,
  DNS_SUBDOMAIN,
  isContainerResource,
  isQualifiedName,
  isQuantity,
  isQuotaResource,
  WORD,
} from "./resources";

/** `pulumi config set --path` writes numbers and booleans back as strings: both spellings mean the same. */
export const integer = (minimum: number, maximum: number) =>
  z.preprocess(
    (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
    z.number().int().min(minimum).max(maximum),
  );
export const flag = () =>
  z.preprocess((value) => (value === "true" ? true : value === "false" ? false : value), z.boolean());
/** The reverse: a text that happens to look like a number. */
export const text = (maximum = 253) =>
  z.preprocess(
    (value) => (typeof value === "number" ? String(value) : value),
    z.string().min(1).max(maximum),
  );

/** As the API server takes it in a NetworkPolicy (measured, kube-apiserver 1.36). */
function cidrFault(value: string): string | undefined {
  const range = parseCidr(value);
  if (range === undefined) return "is not a CIDR such as 10.0.0.0/16 or fd00::/48";
  if (isMapped(range)) return "is an IPv4 range written as IPv6, which Kubernetes refuses: write it as IPv4";
  if (hasBitsBeyond(range)) return `does not begin where its range does: write ${canonicalCidr(range)}`;
  return undefined;
}
export const cidr = () =>
  z.string().superRefine((value, context) => {
    const message = cidrFault(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
export const port = () => integer(1, 65535);

/** A text of one form, which `error` describes. */
const formed = (form: RegExp, maximum: number, error: string) =>
  text(maximum).refine((value) => form.test(value), { error });

/** Name of a namespace. */
export const dnsLabel = () =>
  formed(
    DNS_LABEL,
    63,
    "must be lower-case letters, digits and hyphens, with a letter or digit at both ends",
  );
/** Name of most other objects, and of a DNS domain. */
export const dnsSubdomain = () =>
  formed(
    DNS_SUBDOMAIN,
    253,
    "must be lower-case letters, digits, `-` and `.`, with a letter or digit at both ends of each part",
  );
/** Source: the SPIFFE standard, section 2.1. */
export const trustDomain = () =>
  formed(/^[a-z0-9._-]+$/, 255, "must be lower-case letters, digits, `.`, `-` and `_`");

const labelKey = () =>
  z.string().refine(isQualifiedName, {
    error:
      "must be a label key: at most 63 letters, digits, `-`, `_` and `.`, below a domain such as example.com/ where wanted",
  });
const labelValue = () =>
  formed(
    WORD,
    63,
    "must be a label value: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
  );
export const labels = () => z.record(labelKey(), labelValue());

const quantity = () => text(32).refine(isQuantity, { error: "must be a quantity such as 500m, 2 or 4Gi" });
/** Of one container. */
export const containerResources = () =>
  z.record(
    z.string().refine(isContainerResource, {
      error:
        "must be a resource of a container: cpu, memory, ephemeral-storage, or one such as example.com/gpu",
    }),
    quantity(),
  );
/** Of a namespace. */
export const quotas = () =>
  z.record(
    z.string().refine(isQuotaResource, {
      error:
        "must be what a ResourceQuota counts, such as pods, requests.cpu, limits.memory or count/secrets",
    }),
    quantity(),
  );
export const agentRef = () =>
  z.string().regex(/^[^/\s]+\/[^/\s]+$/, { error: "must name an agent as <tenant>/<agent>" });
