import * as assert from "node:assert/strict";
import { configurationDocument } from "../../../topology/document";

describe("the page about the configuration", () => {
  const lines = configurationDocument().split("\n");

  for (const [key, type, fallback] of [
    ["agents.<name>.spec", "map", "`{}`"],
    ["models.<name>.parameters", "map", "`{}`"],
    ["models.<name>.apiKey", "true or false", "true for providers that take one key"],
    ["tenants", "map by name", "**required**"],
    ["tenants.<name>.labels", "map of text", "`{}`"],
    ["oidc.claims", "map of list of text", "`{}`"],
  ] as const)
    it(`says what ${key} is made of, and what holds without it`, () => {
      const row = lines.find((line) => line.startsWith(`| \`${key}\` |`)) ?? "";
      assert.ok(row.startsWith(`| \`${key}\` | ${type} | ${fallback} | `), row);
    });
});
