import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { obtain } from "../../../../sandbox/binaries";
import { currentPlatform } from "../../../../sandbox/binaries/platform";
import { freePort } from "../../../../sandbox/control-plane/ports";
import { UserError } from "../../../../system/errors";
import { sleep } from "../../../../system/interrupt";
import { identify, isRunning } from "../../../../system/processes";
import { Recorder, Workplace } from "./fixture";

const { os, arch } = currentPlatform();

describe("binary from source", () => {
  let place: Workplace;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    place = new Workplace();
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    env = place.env({
      KAGENT_A2A_ETCD_MIRROR: nowhere,
      KAGENT_A2A_KUBERNETES_MIRROR: nowhere,
      KAGENT_A2A_PULUMI_MIRROR: nowhere,
    });
  });

  afterEach(() => place.remove());

  /** A stand-in for Go that writes down how it was called, and then does as `script` says. */
  function go(script: string): () => string {
    const calls = join(place.folder, "calls");
    place.program(
      "go",
      `PATH=/usr/bin:/bin; echo "$PWD $CGO_ENABLED $GOFLAGS $GOWORK $GOOS/$GOARCH: $*" >>${calls}
       for a; do case "$a" in -o=*) out="\${a#-o=}";; esac; done
       ${script}`,
    );
    return () => readFileSync(calls, "utf8");
  }
  const produce = 'mkdir -p "$(dirname "$out")"; echo built >"$out"; chmod +x "$out"';

  it("builds the pinned module with the version the publisher would set", async () => {
    const calls = go(produce);
    const progress = new Recorder();
    const { "kube-apiserver": binary } = await obtain(["kube-apiserver"], { env, progress });
    assert.equal(binary.from, "build");
    assert.equal(readFileSync(binary.path, "utf8"), "built\n");
    assert.deepEqual(place.cached(), [`kube-apiserver-v1.36.3-${os}-${arch}`]);
    const call = calls();
    assert.match(
      call,
      new RegExp(`/sandbox/builds/kubernetes 0 -mod=readonly off ${os}/${arch}: build -trimpath `),
    );
    assert.match(call, / -X k8s\.io\/component-base\/version\.gitVersion=v1\.36\.3 /);
    assert.match(call, / -X k8s\.io\/component-base\/version\.gitMinor=36 /);
    assert.match(call, / k8s\.io\/kubernetes\/cmd\/kube-apiserver$/m);
    assert.equal(progress.notes.length, 1);
    assert.match(
      progress.notes[0] ?? "",
      /^kube-apiserver v1\.36\.3: no download \(.+\), so Go builds it, once\.$/,
    );
  });

  it("builds one binary after the other", async () => {
    const busy = join(place.folder, "busy");
    go(`mkdir ${busy} || exit 9; sleep 0.1; rmdir ${busy}; ${produce}`);
    const { etcd, pulumi } = await obtain(["etcd", "pulumi"], { env });
    assert.deepEqual([etcd.from, pulumi.from], ["build", "build"]);
  });

  it("says why a build failed", async () => {
    go("echo 'first line'; echo 'no route to the module proxy' >&2; exit 1");
    await assert.rejects(obtain(["etcd"], { env }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /^ {4}build: "go build go\.etcd\.io\/etcd\/server\/v3" failed: first line \/ no route to the module proxy$/m,
      );
      return true;
    });
    assert.deepEqual(place.cached(), []);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const pidFile = join(place.folder, "pid");
    go(`sleep 60 & echo $! >${pidFile}; wait`);
    const controller = new AbortController();
    const obtaining = obtain(["etcd"], { env, signal: controller.signal });
    obtaining.catch(() => {});
    const reason = new Error("enough");
    let compiler: ReturnType<typeof identify>;
    for (let tries = 0; !compiler && tries < 100; tries++) {
      await sleep(50);
      try {
        compiler = identify(Number(readFileSync(pidFile, "utf8")));
      } catch {}
    }
    assert.ok(compiler, "the build did not begin");
    controller.abort(reason);
    await assert.rejects(obtaining, reason);
    await sleep(50);
    assert.equal(isRunning(compiler), false);
    assert.deepEqual(place.cached(), []);
  });

  it("tidies up after a command that was killed", async () => {
    mkdirSync(join(place.cache, ".tmp-999999999-etcd"), { recursive: true });
    mkdirSync(join(place.cache, `etcd-v3.7.3-${os}-${arch}`, "bin"), { recursive: true });
    go(produce);
    assert.equal((await obtain(["etcd"], { env })).etcd.from, "build");
    assert.deepEqual(place.cached(), [`etcd-v3.7.3-${os}-${arch}`]);
  });
});
