import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DIGITS,
  generatePassword,
  LOWER,
  problems,
  rulesFrom,
  SPECIAL,
  UPPER,
} from "../../../../sandbox/provider/random/password";
import { RandomPlugin } from "../../../../sandbox/provider/random/plugin";
import { isSecret, plain, UNKNOWN } from "../../../../sandbox/provider/rpc/values";

const urn = "urn:pulumi:dev::p::kagent-a2a:x:Y$random:index/randomPassword:RandomPassword::seed";
const plugin = new RandomPlugin("1.2.3");
const create = (inputs: Record<string, string | number>, preview = false) =>
  plugin.create({ urn, inputs, preview, timeoutSeconds: 0 });
const diff = async (
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  ignoreChanges: string[] = [],
) => {
  const state = await create(olds as Record<string, number>);
  const args = {
    id: "none",
    urn,
    olds: state.properties,
    news: news as Record<string, number>,
    ignoreChanges,
  };
  return [...(await plugin.diff(args)).changes].map(
    ([path, { replace }]) => `${path}${replace ? " replace" : ""}`,
  );
};

const count = (text: string, set: string) => [...text].filter((character) => set.includes(character)).length;

describe("offline provider: random passwords", () => {
  it("follows the rules", () => {
    const minimum = fc.nat(8);
    const rules = fc.record({
      length: fc.integer({ min: 32, max: 64 }),
      minLower: minimum,
      minUpper: minimum,
      minNumeric: minimum,
      minSpecial: minimum,
      overrideSpecial: fc.constantFrom("", "_-"),
    });
    fc.assert(
      fc.property(rules, (given) => {
        const special = given.overrideSpecial || SPECIAL;
        const password = generatePassword(rulesFrom(given));
        assert.equal(password.length, given.length);
        assert.equal(count(password, LOWER + UPPER + DIGITS + special), given.length);
        assert.ok(count(password, LOWER) >= given.minLower);
        assert.ok(count(password, UPPER) >= given.minUpper);
        assert.ok(count(password, DIGITS) >= given.minNumeric);
        assert.ok(count(password, special) >= given.minSpecial);
      }),
    );
  });

  it("leaves out what is switched off", () => {
    const password = generatePassword(
      rulesFrom({ length: 200, special: false, upper: false, number: false }),
    );
    assert.equal(count(password, LOWER), 200);
  });

  it("spreads evenly", () => {
    const digits = generatePassword(
      rulesFrom({ length: 50_000, special: false, upper: false, lower: false }),
    );
    for (const digit of DIGITS) {
      // Ten standard deviations: 5000 expected, sigma 67.
      assert.ok(Math.abs(count(digits, digit) - 5000) < 670, `${digit}: ${count(digits, digit)}`);
    }
  });

  it("refuses rules that cannot be followed", () => {
    const properties = (inputs: Record<string, number | boolean>) =>
      problems(inputs).map(({ property }) => property);
    assert.deepEqual(properties({ length: 8 }), []);
    assert.deepEqual(properties({}), ["length"]);
    assert.deepEqual(properties({ length: 3, minLower: 2, minUpper: 2 }), ["length"]);
    assert.deepEqual(properties({ length: 3, minLower: -1 }), ["minLower"]);
    assert.deepEqual(properties({ length: 3, lower: false, upper: false, numeric: false, special: false }), [
      "",
    ]);
  });

  it("keeps the result secret, and unknown in a preview", async () => {
    const { id, properties } = await create({ length: 20 });
    assert.equal(id, "none");
    assert.equal(isSecret(properties.result), true);
    assert.equal(String(plain(properties).result).length, 20);
    const preview = await create({ length: 20 }, true);
    assert.equal(preview.id, "");
    assert.equal(plain(preview.properties).result, UNKNOWN);
  });

  it("replaces on every change of a rule or a keeper, and on nothing else", async () => {
    assert.deepEqual(
      await diff({ length: 20, keepers: { a: "1", b: "2" } }, { length: 20, keepers: { b: "2", a: "1" } }),
      [],
    );
    assert.deepEqual(await diff({ length: 20 }, { length: 21 }), ["length replace"]);
    assert.deepEqual(await diff({ length: 20 }, { length: 20, special: true, minLower: 0 }), []);
    assert.deepEqual(await diff({ length: 20 }, { length: 20, special: false }), ["special replace"]);
    assert.deepEqual(await diff({ length: 20, keepers: { a: "1" } }, { length: 20, keepers: { a: "2" } }), [
      "keepers replace",
    ]);
    assert.deepEqual(await diff({ length: 20, keepers: { a: "1" } }, { length: 20 }), ["keepers replace"]);
    assert.deepEqual(await diff({ length: 20 }, { length: 21 }, ["length"]), []);
  });

  it("says what it does not serve", async () => {
    const other = urn.replaceAll("randomPassword:RandomPassword", "randomPet:RandomPet");
    const args = { urn: other, olds: {}, news: {}, proposedName: undefined, randomSeed: new Uint8Array() };
    await assert.rejects(
      plugin.check(args),
      /does not serve resources of type random:index\/randomPet:RandomPet/,
    );
  });
});
