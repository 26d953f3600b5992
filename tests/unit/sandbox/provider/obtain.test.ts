import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  installed,
  installOfflineProviders,
  obtainPlugins,
  officialPluginsInstalled,
  packageVersion,
  SERVED_PACKAGES,
  type ServedPackage,
} from "../../../../sandbox/provider";

/** A stand-in for the CLI: `plugin install resource <name> v<version>`. */
const WORKING = `#!/bin/sh
echo "$@" >> "$CALLS"
folder="$PULUMI_HOME/plugins/resource-$4-$5"
mkdir -p "$folder" && printf official > "$folder/pulumi-resource-$4"
`;
const FAILING =
  '#!/bin/sh\necho "$@" >> "$CALLS"\necho "warning: retrying" >&2\necho "error: no such host" >&2\nexit 1\n';

describe("offline provider: which plugins are in use", () => {
  let folder: string;
  let home: string;
  let calls: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "provider-obtain-"));
    home = join(folder, "home");
    calls = join(folder, "calls");
    process.env.CALLS = calls;
  });
  afterEach(() => {
    delete process.env.CALLS;
    rmSync(folder, { recursive: true, force: true });
  });

  const executable = (where: string, name: ServedPackage) =>
    join(where, "plugins", `resource-${name}-v${packageVersion(name)}`, `pulumi-resource-${name}`);
  const called = () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n").sort() : []);
  const pulumi = (script: string) => {
    const path = join(folder, "pulumi");
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    return path;
  };
  const obtain = (script: string, reachable = true, otherHomes: string[] = []) =>
    obtainPlugins(home, pulumi(script), { reach: async () => reachable, otherHomes });
  const putOfficial = (where: string, name: ServedPackage) => {
    mkdirSync(join(executable(where, name), ".."), { recursive: true });
    writeFileSync(executable(where, name), "official");
  };
  const states = () => SERVED_PACKAGES.map((name) => installed(home, name));

  it("reads the versions from the npm packages", () => {
    for (const name of SERVED_PACKAGES) assert.match(packageVersion(name), /^\d+\.\d+\.\d+$/);
  });

  it("falls back to the offline provider at once where nothing can be downloaded", async () => {
    assert.deepEqual(await obtain(WORKING, false), {
      official: [],
      offline: ["kubernetes", "random"],
      reason: "the places that they are downloaded from cannot be reached",
    });
    assert.deepEqual(called(), []);
    assert.deepEqual(states(), ["offline", "offline"]);
    assert.match(
      readFileSync(executable(home, "random"), "utf8"),
      /^#!\/bin\/sh\n.*main\.ts' random "\$@"\n$/s,
    );
  });

  it("says why a download failed, and does not try again in the same run", async () => {
    const expected = {
      official: [],
      offline: ["kubernetes", "random"],
      reason: `"pulumi plugin install resource kubernetes v${packageVersion("kubernetes")}" failed: error: no such host`,
    };
    assert.deepEqual(await obtain(FAILING), expected);
    assert.deepEqual(await obtain(FAILING), expected);
    assert.equal(called().length, 2);
    assert.equal(existsSync(join(home, "download")), false);
  });

  it("puts the official plugins in the offline one's place as soon as they can be had", async () => {
    await installOfflineProviders(home);
    assert.deepEqual(await obtain(WORKING), { official: ["kubernetes", "random"], offline: [], reason: "" });
    assert.deepEqual(
      called(),
      SERVED_PACKAGES.map((name) => `plugin install resource ${name} v${packageVersion(name)}`),
    );
    assert.equal(officialPluginsInstalled(home), true);
    assert.equal(readFileSync(executable(home, "kubernetes"), "utf8"), "official");
    await obtain(FAILING);
    assert.equal(called().length, 2);
  });

  it("never touches an official plugin", async () => {
    putOfficial(home, "kubernetes");
    await installOfflineProviders(home);
    assert.deepEqual(states(), ["official", "offline"]);
    assert.equal(readFileSync(executable(home, "kubernetes"), "utf8"), "official");
  });

  it("takes the user's own plugins, and notices when they are removed", async () => {
    const other = join(folder, "other");
    for (const name of SERVED_PACKAGES) putOfficial(other, name);
    assert.deepEqual((await obtain(FAILING, true, [other])).offline, []);
    assert.equal(readFileSync(executable(home, "kubernetes"), "utf8"), "official");
    assert.deepEqual(called(), []);
    rmSync(other, { recursive: true });
    assert.deepEqual(states(), ["none", "none"]);
    assert.deepEqual((await obtain(FAILING, false)).offline, ["kubernetes", "random"]);
    assert.deepEqual(states(), ["offline", "offline"]);
  });

  it("does not trust half an installation", async () => {
    putOfficial(home, "random");
    writeFileSync(`${join(executable(home, "random"), "..")}.partial`, "");
    assert.deepEqual(states(), ["none", "none"]);
    await obtain(FAILING, false);
    assert.deepEqual(states(), ["offline", "offline"]);
  });
});
