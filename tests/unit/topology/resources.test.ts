import * as assert from "node:assert/strict";
import { billionths, isQuantity, isWhole } from "../../../topology/resources";

describe("quantities", () => {
  it("are the same in all their spellings", () => {
    for (const spellings of [
      ["1", "1000m", "1.0", "1000000u", "1000000000n", "1e0", "0.001k"],
      ["1Gi", "1024Mi", "1048576Ki", "1073741824", "1.073741824G"],
      ["1.5Ki", "1536", "1536000m"],
      ["2E", "2000P", "2e18"],
    ])
      assert.equal(new Set(spellings.map(billionths)).size, 1, spellings.join());
  });

  it("are compared as numbers, not as texts", () => {
    const ascending = ["1n", "999m", "1", "9", "10", "1k", "1Ki", "999M", "1G", "1Gi", "1e10"].map(
      billionths,
    );
    for (const [index, value] of ascending.slice(1).entries())
      assert.ok((ascending[index] ?? 0n) < (value ?? 0n), String(index));
  });

  it("are whole or not, and no other text is one", () => {
    assert.deepEqual(["2", "2000m", "2.0", "1k", "500m", "1.5"].map(isWhole), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    for (const text of ["", "lots", "1 Gi", "-1", "1gi", "1e", "1.", "Gi"]) {
      assert.equal(isQuantity(text), false, text);
      assert.equal(billionths(text), undefined, text);
    }
  });
});
