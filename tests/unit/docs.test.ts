import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "../..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs")).map((name) => join("docs", name)),
];

const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** As GitHub makes them: lower case, without punctuation, a dash for each space. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

function anchorsOf(page: string): Set<string> {
  return new Set([...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading)));
}

/** What a page links to inside of the project: `[text](path#anchor)`. */
function linksOf(page: string): { path: string; anchor: string }[] {
  return [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)].map(
    ([, path = "", anchor = ""]) => ({
      path: path === "" ? page : join(dirname(page), path),
      anchor,
    }),
  );
}

/** Files and folders of the project that a page names in backticks. */
function placesOf(page: string): string[] {
  const top = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
  return [...read(page).matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
    .map(([, place = ""]) => place)
    .filter((place) => top.includes(place.split("/")[0] ?? ""));
}

describe("the documentation", () => {
  for (const page of pages) {
    it(`${page} links to what is there`, () => {
      for (const { path, anchor } of linksOf(page)) {
        assert.ok(existsSync(join(root, path)), `${path} does not exist`);
        if (anchor !== "" && path.endsWith(".md"))
          assert.ok(anchorsOf(path).has(anchor), `${path} has no heading for #${anchor}`);
      }
    });

    it(`${page} names files and folders that are there`, () => {
      for (const place of placesOf(page)) assert.ok(existsSync(join(root, place)), `${place} does not exist`);
    });
  }
});
