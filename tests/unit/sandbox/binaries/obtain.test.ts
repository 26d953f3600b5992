import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { obtain } from "../../../../sandbox/binaries";
import { cacheFolder } from "../../../../sandbox/binaries/cache";
import type { BinaryName } from "../../../../sandbox/binaries/catalogue";
import { currentPlatform } from "../../../../sandbox/binaries/platform";
import { freePort } from "../../../../sandbox/control-plane/ports";
import { UserError } from "../../../../system/errors";
import { Workplace } from "./fixture";

const { os, arch } = currentPlatform();

describe("obtaining binaries", () => {
  let place: Workplace;
  let env: NodeJS.ProcessEnv;
  let nowhere: string;

  beforeEach(async () => {
    place = new Workplace();
    nowhere = `127.0.0.1:${await freePort()}`;
    env = place.env({
      KAGENT_A2A_ETCD_MIRROR: `http://${nowhere}`,
      KAGENT_A2A_KUBERNETES_MIRROR: `http://${nowhere}`,
      KAGENT_A2A_PULUMI_MIRROR: `http://${nowhere}`,
    });
  });

  afterEach(() => place.remove());

  async function failure(names: BinaryName[]): Promise<string> {
    const error = await obtain(names, { env }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(place.folder, "FOLDER").replaceAll(nowhere, "NOWHERE");
  }

  it("prefers the path in the variable", async () => {
    const path = place.program("my-etcd", "");
    env.KAGENT_A2A_ETCD = path;
    assert.deepEqual(await obtain(["etcd"], { env }), { etcd: { path, from: "variable" } });
  });

  it("refuses a path that cannot serve", async () => {
    const fix = "Set it to the path of etcd, or unset it.";
    env.KAGENT_A2A_ETCD = join(place.folder, "missing");
    assert.equal(
      await failure(["etcd"]),
      `KAGENT_A2A_ETCD: FOLDER/missing is not a file that can be run.\n${fix}`,
    );
    writeFileSync(env.KAGENT_A2A_ETCD, "text", { mode: 0o600 });
    assert.equal(
      await failure(["etcd"]),
      `KAGENT_A2A_ETCD: FOLDER/missing is not a file that can be run.\n${fix}`,
    );
    env.KAGENT_A2A_ETCD = place.folder;
    assert.equal(await failure(["etcd"]), `KAGENT_A2A_ETCD: FOLDER is not a file that can be run.\n${fix}`);
    env.KAGENT_A2A_ETCD = "tests/unit";
    assert.equal(await failure(["etcd"]), `KAGENT_A2A_ETCD: tests/unit is not an absolute path.\n${fix}`);

    env.KAGENT_A2A_PULUMI = place.program("pulumi", "");
    assert.equal(
      await failure(["pulumi"]),
      'KAGENT_A2A_PULUMI: FOLDER/programs/pulumi is not in a folder called "bin", where the Automation API looks for it.\n' +
        "Move it and the programs beside it into such a folder, or unset the variable.",
    );
  });

  it("takes kubectl from the PATH, and does without it", async () => {
    assert.deepEqual(await obtain(["kubectl"], { env }), {});
    const path = place.program("kubectl", "");
    assert.deepEqual(await obtain(["kubectl"], { env }), { kubectl: { path, from: "PATH" } });
  });

  it("says all that was tried when nothing works", async () => {
    if (os !== "linux") return;
    assert.equal(
      await failure(["etcd", "kube-apiserver", "kubectl"]),
      [
        `Cannot get etcd, kube-apiserver for ${os}/${arch}. What was tried:`,
        "  etcd v3.7.3",
        "    KAGENT_A2A_ETCD: not set",
        "    cache: not in FOLDER/cache",
        "    download: http://NOWHERE/v3.7.3/SHA256SUMS: connect ECONNREFUSED NOWHERE",
        "    build: Go is not on the PATH",
        "  kube-apiserver v1.36.3",
        "    KAGENT_A2A_KUBE_APISERVER: not set",
        "    cache: not in FOLDER/cache",
        `    download: http://NOWHERE/v1.36.3/bin/${os}/${arch}/kube-apiserver.sha256: connect ECONNREFUSED NOWHERE`,
        "    build: Go is not on the PATH",
        "Any one of these helps:",
        "  install Go 1.26 or newer, so that they are built from source",
        "  let this machine reach github.com and dl.k8s.io",
        "  name mirrors of them in KAGENT_A2A_ETCD_MIRROR, KAGENT_A2A_KUBERNETES_MIRROR",
        "  name binaries you have in KAGENT_A2A_ETCD, KAGENT_A2A_KUBE_APISERVER",
      ].join("\n"),
    );
    assert.deepEqual(place.cached(), []);
  });

  it("names a cache that cannot be used", async () => {
    writeFileSync(place.cache, "");
    assert.equal(
      await failure(["etcd"]),
      "FOLDER/cache: cannot keep binaries there: there is a file where a folder is needed.\n" +
        "Remove that file, or choose another folder.\nAnother folder can be named in KAGENT_A2A_CACHE.",
    );
  });

  it("keeps its cache where the XDG specification wants it, unless told otherwise", () => {
    assert.equal(cacheFolder({ KAGENT_A2A_CACHE: "/c", XDG_CACHE_HOME: "/x" }), "/c");
    assert.equal(cacheFolder({ XDG_CACHE_HOME: "/x" }), "/x/kagent-a2a");
    assert.match(cacheFolder({ XDG_CACHE_HOME: "relative" }), /\/\.cache\/kagent-a2a$/);
  });

  it("asks a host that gives no answer only once", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(typeof address === "object" && address);
    env.KAGENT_A2A_ETCD_MIRROR = `http://127.0.0.1:${address.port}`;
    await failure(["etcd"]);
    const first = connections;
    await failure(["etcd"]);
    assert.equal(connections, first);
    server.close();
  });
});
