/** IP addresses as numbers, so that every address there is can be proved about: a CIDR is an interval. */
import { isIP } from "node:net";

export type Family = 4 | 6;
/** First and last address, both included. */
export interface Interval {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/** @throws when the text is no address */
export function parseAddress(text: string): { readonly family: Family; readonly value: bigint } {
  const family = isIP(text);
  if (family === 4) return { family, value: fromGroups(text.split(".").map(Number), 8) };
  if (family !== 6) throw new Error(`${JSON.stringify(text)} is no IP address`);
  return { family, value: fromGroups(groupsOf(text), 16) };
}

const fromGroups = (groups: readonly number[], bits: number): bigint =>
  groups.reduce((value, group) => (value << BigInt(bits)) | BigInt(group), 0n);

/** The eight groups of an IPv6 address; the last two may be written as IPv4. */
function groupsOf(text: string): number[] {
  const hex = (part: string): number[] =>
    part === ""
      ? []
      : part.split(":").flatMap((group) => {
          if (!group.includes(".")) return [Number.parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [head = "", tail] = text.split("::");
  if (tail === undefined) return hex(head);
  const [before, after] = [hex(head), hex(tail)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

export function showAddress(family: Family, value: bigint): string {
  const size = family === 4 ? 8 : 16;
  const groups = Array.from({ length: BITS[family] / size }, (_, index) =>
    Number((value >> BigInt(BITS[family] - size * (index + 1))) & BigInt(2 ** size - 1)),
  );
  return family === 4 ? groups.join(".") : groups.map((group) => group.toString(16)).join(":");
}

const intervals = new Map<string, Interval>();

export function intervalOf(cidr: string): Interval {
  const known = intervals.get(cidr);
  if (known !== undefined) return known;
  const [address = "", length = ""] = cidr.split("/");
  const { family, value } = parseAddress(address);
  const size = 1n << BigInt(BITS[family] - Number(length));
  const first = (value / size) * size;
  const interval = { family, first, last: first + size - 1n };
  intervals.set(cidr, interval);
  return interval;
}

export function contains(cidr: string, address: string): boolean {
  const { family, first, last } = intervalOf(cidr);
  const one = parseAddress(address);
  return one.family === family && first <= one.value && one.value <= last;
}

/**
 * One address of each class of addresses that no combination of the CIDRs tells apart: what holds for these holds for every
 * address there is. Both families are always covered.
 */
export function representatives(cidrs: Iterable<string>): string[] {
  const borders: Record<Family, Set<bigint>> = { 4: new Set([0n]), 6: new Set([0n]) };
  for (const cidr of cidrs) {
    const { family, first, last } = intervalOf(cidr);
    borders[family].add(first);
    if (last + 1n < 1n << BigInt(BITS[family])) borders[family].add(last + 1n);
  }
  return ([4, 6] as const).flatMap((family) =>
    [...borders[family]].sort((a, b) => (a < b ? -1 : 1)).map((first) => showAddress(family, first)),
  );
}
