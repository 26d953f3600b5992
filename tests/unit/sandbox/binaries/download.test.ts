import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { obtain, rootOf } from "../../../../sandbox/binaries";
import { type BinaryName, entryOf } from "../../../../sandbox/binaries/catalogue";
import { checksumOf } from "../../../../sandbox/binaries/download";
import { currentPlatform } from "../../../../sandbox/binaries/platform";
import { UserError } from "../../../../system/errors";
import { Mirror, sha256, Workplace } from "./fixture";

const { os, arch } = currentPlatform();

function releaseOf(name: BinaryName) {
  const release = entryOf(name).release({ os, arch });
  assert.ok(release, `no ${name} is published for ${os}/${arch}`);
  return release;
}

describe("download of a binary", function () {
  // Only Linux has a release of everything, and GNU tar reads no zip files.
  if (os !== "linux") this.pending = true;

  let mirror: Mirror;
  let place: Workplace;
  let env: NodeJS.ProcessEnv;
  const etcd = releaseOf("etcd");
  const folder = `etcd-v3.7.3-${os}-${arch}`;

  beforeEach(async () => {
    mirror = new Mirror();
    await mirror.start();
    place = new Workplace();
    env = place.env({
      PATH: `${place.programs}`,
      KAGENT_A2A_ETCD_MIRROR: mirror.url,
      KAGENT_A2A_KUBERNETES_MIRROR: `${mirror.url}/`,
      KAGENT_A2A_PULUMI_MIRROR: mirror.url,
    });
  });

  afterEach(async () => {
    await mirror.stop();
    place.remove();
  });

  /** The error's message, with the changing parts named. */
  async function failure(names: BinaryName[]): Promise<string> {
    const error = await obtain(names, { env }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(mirror.url, "MIRROR").replaceAll(place.folder, "FOLDER");
  }

  it("takes one binary out of an archive, once", async () => {
    mirror.publish(
      etcd.file,
      etcd.checksums,
      place.archive({ [`${folder}/etcd`]: "the binary", [`${folder}/etcdctl`]: "more" }),
    );
    const path = join(place.cache, folder, "bin", "etcd");
    assert.deepEqual(await obtain(["etcd"], { env }), { etcd: { path, from: "download" } });
    assert.equal(readFileSync(path, "utf8"), "the binary");
    assert.deepEqual(place.cached(), [folder]);
    assert.ok(!existsSync(join(place.cache, folder, "bin", "etcdctl")));

    const requests = mirror.requests.length;
    assert.deepEqual(await obtain(["etcd"], { env }), { etcd: { path, from: "cache" } });
    assert.equal(mirror.requests.length, requests);
  });

  it("takes a bare binary and makes it executable", async () => {
    const { file, checksums } = releaseOf("kube-apiserver");
    mirror.files.set(`/${file}`, "the binary");
    mirror.files.set(`/${checksums}`, sha256("the binary"));
    const { "kube-apiserver": binary } = await obtain(["kube-apiserver"], { env });
    assert.equal(binary.from, "download");
    assert.equal(readFileSync(binary.path, "utf8"), "the binary");
  });

  it("keeps what lies beside pulumi, in the root that the Automation API expects", async () => {
    const { file, checksums } = releaseOf("pulumi");
    mirror.publish(
      file,
      checksums,
      place.archive({ "pulumi/pulumi": "cli", "pulumi/pulumi-language-nodejs": "host" }),
    );
    const { pulumi } = await obtain(["pulumi"], { env });
    assert.equal(readFileSync(join(rootOf(pulumi), "bin", "pulumi"), "utf8"), "cli");
    assert.equal(readFileSync(join(rootOf(pulumi), "bin", "pulumi-language-nodejs"), "utf8"), "host");
  });

  it("refuses a file that is not the published one, and keeps nothing", async () => {
    mirror.publish(etcd.file, etcd.checksums, place.archive({ [`${folder}/etcd`]: "the binary" }));
    mirror.files.set(`/${etcd.file}`, "something else");
    const expected = String(mirror.files.get(`/${etcd.checksums}`)).split(" ")[0];
    assert.equal(
      await failure(["etcd"]),
      [
        `etcd: MIRROR/${etcd.file} is not what its publisher released, so it was thrown away.`,
        `  its SHA-256 is ${sha256("something else")}`,
        `  MIRROR/v3.7.3/SHA256SUMS says ${expected}`,
        "Find out what changes files on the way (a proxy or a mirror), or set KAGENT_A2A_ETCD to a binary you trust.",
      ].join("\n"),
    );
    assert.deepEqual(place.cached(), []);
  });

  it("gives up a file that breaks off, after asking twice", async () => {
    const content = place.archive({ [`${folder}/etcd`]: "the binary" });
    mirror.publish(etcd.file, etcd.checksums, content);
    mirror.files.set(`/${etcd.file}`, (_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 10), () => response.destroy());
    });
    assert.match(await failure(["etcd"]), /^ {4}download: MIRROR\/\S+: the transfer broke off \(.+\)$/m);
    assert.equal(mirror.requests.filter((path) => path === `/${etcd.file}`).length, 2);
    assert.deepEqual(place.cached(), []);
  });

  it("asks again when the server is out of order for a moment", async () => {
    const content = place.archive({ [`${folder}/etcd`]: "the binary" });
    mirror.publish(etcd.file, etcd.checksums, content);
    mirror.files.set(`/${etcd.file}`, (_request, response) => {
      mirror.files.set(`/${etcd.file}`, content);
      response.writeHead(503).end();
    });
    assert.equal((await obtain(["etcd"], { env })).etcd.from, "download");
  });

  it("says what the server answered", async () => {
    assert.match(
      await failure(["etcd"]),
      /^ {4}download: MIRROR\/v3\.7\.3\/SHA256SUMS: the server answered 404 Not Found$/m,
    );
    mirror.files.set(`/${etcd.checksums}`, `${sha256("")}  another-file\n`);
    assert.match(
      await failure(["etcd"]),
      /^ {4}download: MIRROR\/v3\.7\.3\/SHA256SUMS: holds no SHA-256 of etcd-\S+$/m,
    );
    mirror.publish(etcd.file, etcd.checksums, place.archive({ [`${folder}/README`]: "" }));
    assert.match(await failure(["etcd"]), /^ {4}download: \S+ holds no etcd-\S+\/etcd$/m);
    mirror.publish(etcd.file, etcd.checksums, "no archive");
    assert.match(await failure(["etcd"]), /^ {4}download: \S+ cannot be unpacked with tar: /m);
  });

  it("comes once for two commands at a time", async () => {
    mirror.publish(etcd.file, etcd.checksums, place.archive({ [`${folder}/etcd`]: "the binary" }));
    const results = await Promise.all([obtain(["etcd"], { env }), obtain(["etcd"], { env })]);
    assert.deepEqual(results.map(({ etcd: { from } }) => from).sort(), ["cache", "download"]);
    assert.equal(mirror.requests.length, 2);
  });

  it("happens over https, except from this machine itself", async () => {
    env.KAGENT_A2A_ETCD_MIRROR = "http://mirror.example";
    assert.equal(
      await failure(["etcd"]),
      "http://mirror.example/v3.7.3/SHA256SUMS: binaries are fetched over https only.\n" +
        "Give a mirror whose address begins with https://.",
    );
  });

  it("follows redirects, but not out of https", async () => {
    const redirect = (to: string) =>
      mirror.files.set(`/${etcd.checksums}`, (_request, response) => {
        response.writeHead(302, { location: to }).end();
      });
    mirror.publish(etcd.file, "elsewhere", place.archive({ [`${folder}/etcd`]: "the binary" }));
    redirect("http://mirror.example/SHA256SUMS");
    assert.match(
      await failure(["etcd"]),
      /^http:\/\/mirror\.example\/SHA256SUMS: binaries are fetched over https only\.$/m,
    );
    redirect(`/${etcd.checksums}`);
    assert.match(
      await failure(["etcd"]),
      /^ {4}download: MIRROR\/v3\.7\.3\/SHA256SUMS: redirects without end$/m,
    );
    redirect("/elsewhere");
    assert.equal((await obtain(["etcd"], { env })).etcd.from, "download");
  });
});

describe("list of checksums", () => {
  const sum = sha256("");

  it("is read in every form that publishers use", () => {
    assert.equal(checksumOf("b", `${sha256("a")}  a\n${sum}  b\n`), sum);
    assert.equal(checksumOf("b", `${sum} *b\n`), sum);
    assert.equal(checksumOf("b", sum), sum);
    assert.equal(checksumOf("b", `${sum.toUpperCase()}\n`), sum);
  });

  it("gives nothing for a file it does not name, or a page that is no list", () => {
    assert.equal(checksumOf("b", `${sum}  a\n`), undefined);
    assert.equal(checksumOf("b", "<html>\nsign in first\n</html>"), undefined);
    assert.equal(checksumOf("b", ""), undefined);
  });
});
