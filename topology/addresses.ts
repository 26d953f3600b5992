import { isIP } from "node:net";

/**
 * Not the public internet: private, shared, loopback, link-local (with cloud metadata), benchmark, multicast, reserved and
 * NAT64 ranges (RFC 6890, RFC 6052). Some clouds use the unusual ones for pods.
 */
export const PRIVATE_IPV4: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
export const PRIVATE_IPV6: readonly string[] = [
  "::1/128",
  "64:ff9b::/96",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
];

const WIDTH = { 4: 32, 6: 128 } as const;
const IPV6_GROUPS = 8;

/** Addresses that begin with the same bits. */
export interface AddressRange {
  readonly family: keyof typeof WIDTH;
  /** The address as a number; may have bits set beyond the length. */
  readonly bits: bigint;
  readonly length: number;
}

function ipv6Bits(address: string): bigint {
  // URL writes an embedded IPv4 address as hexadecimal groups too.
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [left, right] = [head, tail].map((part) => (part === "" ? [] : part.split(":"))) as [
    string[],
    string[],
  ];
  const zeros = Array<string>(IPV6_GROUPS - left.length - right.length).fill("0");
  return BigInt(`0x${[...left, ...zeros, ...right].map((group) => group.padStart(4, "0")).join("")}`);
}

function ipv6Text(bits: bigint): string {
  const digits = bits.toString(16).padStart(WIDTH[6] / 4, "0");
  return new URL(`http://[${digits.match(/.{4}/g)?.join(":")}]`).hostname.slice(1, -1);
}

const ipv4Bits = (address: string): bigint =>
  address.split(".").reduce((bits, part) => bits * 256n + BigInt(part), 0n);
const ipv4Text = (bits: bigint): string =>
  [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join(".");

/** Undefined for what is no CIDR. */
export function parseCidr(text: string): AddressRange | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || address.includes("%") || rest.length > 0) return undefined;
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > WIDTH[family]) return undefined;
  return { family, bits: family === 4 ? ipv4Bits(address) : ipv6Bits(address), length: Number(length) };
}

/** The range as the API server takes it: with no bits set beyond its length. */
export function canonicalCidr({ family, bits, length }: AddressRange): string {
  const beyond = BigInt(WIDTH[family] - length);
  const first = (bits >> beyond) << beyond;
  return `${family === 4 ? ipv4Text(first) : ipv6Text(first)}/${length}`;
}

export const hasBitsBeyond = ({ family, bits, length }: AddressRange): boolean =>
  bits % (1n << BigInt(WIDTH[family] - length)) !== 0n;

/** `::ffff:10.0.0.0/104`: the API server refuses it (measured, kube-apiserver 1.36). */
export const isMapped = ({ family, bits }: AddressRange): boolean =>
  family === 6 && bits >> BigInt(WIDTH[4]) === 0xffffn;

export function overlap(a: AddressRange, b: AddressRange): boolean {
  if (a.family !== b.family) return false;
  const beyond = BigInt(WIDTH[a.family] - Math.min(a.length, b.length));
  return a.bits >> beyond === b.bits >> beyond;
}
