import * as assert from "node:assert/strict";
import { BlockList } from "node:net";
import * as fc from "fast-check";
import { type AddressRange, canonicalCidr, hasBitsBeyond, overlap, parseCidr } from "../../../topology";

const FAMILIES = { 4: "ipv4", 6: "ipv6" } as const;
const parsed = (cidr: string): AddressRange => {
  const range = parseCidr(cidr);
  assert.ok(range, cidr);
  return range;
};
/** Addresses from few bits, so that ranges meet. */
const cidr = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("10.0.0.0", "10.128.3.7", "10.0.0.255", "172.16.4.1"),
      fc.integer({ max: 32, min: 0 }),
    )
    .map((parts) => parts.join("/")),
  fc
    .tuple(
      fc.constantFrom("2001:db8::", "2001:db8::8000:1", "fd00::ffff", "::1", "::10.0.0.7", "1:2:3:4:5:6:7:8"),
      fc.integer({ max: 128, min: 0 }),
    )
    .map((parts) => parts.join("/")),
);

/** As Node itself compares addresses. */
function holds(outer: string, inner: string): boolean {
  const [range, other] = [parsed(outer), parsed(inner)];
  if (range.family !== other.family) return false;
  const list = new BlockList();
  list.addSubnet(outer.split("/")[0] ?? "", range.length, FAMILIES[range.family]);
  return list.check(inner.split("/")[0] ?? "", FAMILIES[other.family]);
}

describe("ranges of addresses", () => {
  it("overlap where one holds the other's first address, for all ranges", () => {
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        const [wider = a, narrower = b] = parsed(a).length <= parsed(b).length ? [a, b] : [b, a];
        assert.equal(overlap(parsed(a), parsed(b)), holds(wider, narrower));
      }),
    );
  });

  it("are canonical when they begin where they are said to, and are then the same addresses", () => {
    fc.assert(
      fc.property(cidr, (text) => {
        const canonical = canonicalCidr(parsed(text));
        assert.equal(hasBitsBeyond(parsed(canonical)), false);
        assert.ok(holds(text, canonical) && holds(canonical, text));
        assert.equal(canonicalCidr(parsed(canonical)), canonical);
      }),
    );
  });

  it("are written as everybody writes them", () => {
    assert.deepEqual(
      ["10.1.2.3/8", "0.0.0.0/0", "255.255.255.255/32", "2001:0DB8:0:0::5/32", "::/0", "::1/128"].map(
        (text) => canonicalCidr(parsed(text)),
      ),
      ["10.0.0.0/8", "0.0.0.0/0", "255.255.255.255/32", "2001:db8::/32", "::/0", "::1/128"],
    );
  });
});
