import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SandboxHome } from "../../../../sandbox/control-plane";
import { UserError } from "../../../../system/errors";

describe("home of a sandbox", () => {
  let folder: string;
  let home: SandboxHome;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-home-"));
    home = new SandboxHome(join(folder, "deep", "home"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is private, and ignored by version control", () => {
    home.prepare();
    assert.equal(statSync(home.path).mode & 0o777, 0o700);
    assert.equal(home.read(home.at(".gitignore")), "*\n");
    home.write(home.kubeconfig, "secret");
    assert.equal(statSync(home.kubeconfig).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(home.path).sort(), [
      ".gitignore",
      ".kagent-a2a-sandbox",
      "audit",
      "etcd",
      "kubeconfig",
      "logs",
      "pki",
      "run",
    ]);
  });

  it("is never a folder with something else in it", () => {
    writeFileSync(join(folder, "thesis.tex"), "");
    assert.throws(
      () => new SandboxHome(folder).prepare(),
      new UserError(
        `${folder}: this folder holds other files, so it cannot become a sandbox.`,
        "Choose an empty folder or one that does not exist yet.",
      ),
    );
    assert.deepEqual(readdirSync(folder), ["thesis.tex"]);
  });

  it("says so when no folder can be made", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    for (const path of [file, join(file, "below")]) {
      assert.throws(
        () => new SandboxHome(path).prepare(),
        new UserError(
          `${path}: cannot keep the sandbox there: there is a file where a folder is needed.`,
          "Remove that file, or choose another folder.",
        ),
      );
    }
    if (process.platform !== "linux") return;
    assert.throws(
      () => new SandboxHome("/proc/sandbox").prepare(),
      new UserError(
        "/proc/sandbox: cannot keep the sandbox there: no folder can be made at that path.",
        "Choose another folder.",
      ),
    );
  });

  it("is worked on by one command at a time, which may go on within itself", async () => {
    await home.withLock("start", async () => {
      assert.equal(await home.withLock("stop", async () => "within"), "within");
      assert.ok(readdirSync(home.path).includes("lock"));
    });
    assert.ok(!readdirSync(home.path).includes("lock"));

    let release = () => {};
    const first = home.withLock("start", () => new Promise<void>((resolve) => (release = resolve)));
    await assert.rejects(
      home.withLock("stop", async () => {}),
      new UserError(
        `${home.path}: another "start" is running (process ${process.pid}).`,
        "Wait until it has finished, or end it with Ctrl-C where it runs, and try again.",
      ),
    );
    release();
    await first;
    await home.withLock("stop", async () => {});
  });

  it("gives the lock up when the work fails", async () => {
    await assert.rejects(
      home.withLock("start", async () => Promise.reject(new Error("failed"))),
      /failed/,
    );
    assert.deepEqual(await home.withLock("stop", async () => "done"), "done");
  });

  it("disappears as a whole", async () => {
    await home.withLock("down", async () => {
      home.write(home.kubeconfig, "secret");
      home.remove();
    });
    assert.equal(existsSync(home.path), false);
    assert.equal(home.exists(), false);
    await home.withLock("start", async () => {});
    assert.equal(home.exists(), true);
  });
});
