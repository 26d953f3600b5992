/** Address ranges. */
import { BlockList, isIP } from "node:net";

export interface Range {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

export function parseRange(text: string): Range | undefined {
  const [, address = "", prefix = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(prefix) > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix: Number(prefix), family: version === 4 ? "ipv4" : "ipv6" };
}

/** Whether `outer` contains all of `inner`. */
export function contains(outer: Range, inner: Range): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const block = new BlockList();
  block.addSubnet(outer.address, outer.prefix, outer.family);
  return block.check(inner.address, inner.family);
}

export const overlap = (a: Range, b: Range): boolean => contains(a, b) || contains(b, a);

/** Shorter than any range that a network is given: it means the internet, or half of it. */
const OPEN_PREFIX = { ipv4: 8, ipv6: 16 } as const;
export const isOpen = ({ family, prefix }: Range): boolean => prefix < OPEN_PREFIX[family];

/** Wider than what one endpoint or one subnet is given: a private range of that size holds the cluster itself. */
const WIDE_PREFIX = { ipv4: 16, ipv6: 48 } as const;
export const isWide = ({ family, prefix }: Range): boolean => prefix < WIDE_PREFIX[family];

const known = (text: string): Range => {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`${text} is no range`);
  return range;
};

/** What an open range must leave out: private and shared addresses, link-local with cloud metadata, unique local (RFC 6890). */
export const INSIDE: readonly (Range & { readonly text: string })[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fc00::/7",
  "fe80::/10",
].map((text) => ({ ...known(text), text }));

/** Cloud metadata services answer here: credentials of the node. */
export const METADATA: Range = known("169.254.169.254/32");
