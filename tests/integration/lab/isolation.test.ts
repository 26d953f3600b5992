/** The lab's namespaces on machines that differ from this one. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { inside, runInside } from "../../../lab/isolation";
import { labOrSkip } from "../../support/lab";

/** A machine whose /etc/resolv.conf is a link to a file below /run, as systemd-resolved makes it. */
const LINKED = [
  "mount -t tmpfs tmpfs /mnt",
  "cp -a /etc /mnt/etc",
  "ln -sf ../run/systemd/resolve/stub-resolv.conf /mnt/etc/resolv.conf",
  "mount --bind /mnt/etc /etc",
  'exec "$0" "$@"',
].join(" && ");

describe("the lab's namespaces", function () {
  this.timeout(10 * 60_000);

  before(async function () {
    await labOrSkip(this);
  });

  const write = [
    "sh",
    "-c",
    "echo nameserver 192.0.2.53 > /etc/resolv.conf && cat /etc/resolv.conf",
  ] as const;

  it("have a DNS of their own, and leave the machine's alone", () => {
    const before = readFileSync("/etc/resolv.conf", "utf8");
    const output = execFileSync("unshare", inside(...write), { encoding: "utf8" });
    assert.equal(output, "nameserver 192.0.2.53\n");
    assert.equal(readFileSync("/etc/resolv.conf", "utf8"), before);
  });

  it("have one too where the machine's is a link to what lies below /run", () => {
    const args = ["--mount", "--propagation=private", "sh", "-c", LINKED, "unshare", ...inside(...write)];
    const output = execFileSync("unshare", args, { encoding: "utf8" });
    assert.equal(output, "nameserver 192.0.2.53\n");
  });

  it("are not made for a run that is interrupted already", async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    const run = runInside(`${__dirname}/nowhere.ts`, {}, { signal, onNote: () => {} });
    await assert.rejects(run, /^Error: interrupted$/);
  });
});
