/** The values that a configuration is made of. */
import { BlockList, isIP } from "node:net";
import { z } from "zod";

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

function isCidr(value: string): boolean {
  const [address = "", length = "", ...rest] = value.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length)) return false;
  if (Number(length) > (family === 4 ? 32 : 128)) return false;
  try {
    new BlockList().addSubnet(address, Number(length), family === 4 ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}
export const cidr = () =>
  z.string().refine(isCidr, { error: "is not a CIDR such as 10.0.0.0/16 or fd00::/48" });
export const port = () => integer(1, 65535);

const labelValue = () =>
  text(63).refine((value) => /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value), {
    error: "must be a label value: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
  });
const quantity = () =>
  text(32).refine((value) => /^\d+(\.\d+)?([numkMGTPE]|[KMGTPE]i|e\d+)?$/.test(value), {
    error: "must be a quantity such as 500m, 2 or 4Gi",
  });
export const labels = () => z.record(z.string(), labelValue());
export const quantities = () => z.record(z.string(), quantity());
export const agentRef = () =>
  z.string().regex(/^[^/\s]+\/[^/\s]+$/, { error: "must name an agent as <tenant>/<agent>" });
