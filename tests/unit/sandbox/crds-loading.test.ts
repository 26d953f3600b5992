import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { Unavailable } from "../../../sandbox/binaries/unavailable";
import { loadCrds } from "../../../sandbox/crds";
import { digest, mirrorVariable, ways } from "../../../sandbox/crds/files";
import { type Source, sources } from "../../../sandbox/crds/groups";
import { parseCrds } from "../../../sandbox/crds/parse";
import * as structural from "../../../sandbox/crds/structural";

describe("loading CRDs", () => {
  let folder: string;
  let github: Server;
  let env: NodeJS.ProcessEnv;
  /** What the release has, by file name. */
  let released: Map<string, string>;
  let requests: string[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "crds-"));
    released = new Map();
    requests = [];
    github = createServer((request, response) => {
      requests.push(request.url ?? "");
      const text = released.get(basename(request.url ?? ""));
      response.writeHead(text === undefined ? 404 : 200).end(text);
    });
    await new Promise<void>((resolve) => github.listen(0, "127.0.0.1", resolve));
    const { port } = github.address() as AddressInfo;
    env = {
      PATH: join(folder, "bin"),
      KAGENT_A2A_CACHE: join(folder, "cache"),
      [mirrorVariable]: `http://127.0.0.1:${port}/`,
    };
  });
  afterEach(() => {
    github.closeAllConnections();
    github.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const release = () => {
    for (const crd of sources.kagent.structural ?? []) {
      released.set(`kagent.dev_${crd.metadata.name.split(".")[0]}.yaml`, `---\n${stringify(crd)}`);
    }
  };
  const load = async () => {
    const { sources, objects } = await loadCrds({ groups: ["kagent"], env });
    assert.equal(objects.length, 5);
    return sources[0]?.from;
  };

  it("takes the release, and the cache afterwards", async () => {
    release();
    assert.equal(await load(), "kagent-dev/kagent v0.10.4 on GitHub");
    assert.ok(requests.includes("/kagent-dev/kagent/v0.10.4/go/api/config/crd/bases/kagent.dev_agents.yaml"));
    requests.length = 0;
    assert.equal(await load(), "cache");
    assert.deepEqual(requests, []);
    assert.deepEqual(
      readdirSync(join(folder, "cache", "crds", "kagent-0.10.4")).sort(),
      Object.keys(sources.kagent.files).sort(),
    );
  });

  it("takes the stand-in when the release cannot be had", async () => {
    assert.equal(await load(), "structural schemas of this project");
  });

  it("takes the stand-in when a file of the release is missing or something else", async () => {
    release();
    released.delete("kagent.dev_agents.yaml");
    assert.equal(await load(), "structural schemas of this project");
    released.set("kagent.dev_agents.yaml", "<html>Log in first</html>");
    assert.equal(await load(), "structural schemas of this project");
    release();
    assert.equal(
      await load(),
      "kagent-dev/kagent v0.10.4 on GitHub",
      "what was wrong must not stay in the cache",
    );
  });

  it("goes on without a cache that can be written", async () => {
    release();
    writeFileSync(join(folder, "cache"), "a file");
    assert.equal(await load(), "kagent-dev/kagent v0.10.4 on GitHub");
  });

  it("throws away what is not what was released", async () => {
    released.set("customresourcedefinitions.gen.yaml", stringify(structural.agent));
    await assert.rejects(loadCrds({ groups: ["istio"], env }), (error: Error) => {
      assert.match(error.message, /customresourcedefinitions\.gen\.yaml is not what was released/);
      assert.match(error.message, new RegExp(mirrorVariable));
      return true;
    });
  });

  it("says what was tried, and what helps, when a group cannot be had", async () => {
    await assert.rejects(loadCrds({ groups: ["istio", "kagent", "cert-manager"], env }), (error: Error) => {
      assert.equal(error.name, "UserError");
      assert.match(error.message, /^Cannot get the CRDs of istio, cert-manager\. What was tried:/);
      assert.match(error.message, /cache: not in .*istio-1\.31\.4/);
      assert.match(
        error.message,
        /download: .*customresourcedefinitions\.gen\.yaml: the server answered 404/,
      );
      assert.match(error.message, /Go module: Go is not on the PATH/);
      return true;
    });
  });

  describe("from a Go module", () => {
    const text = stringify(structural.modelConfig);
    const source: Source = {
      version: "1.0.0",
      repository: "example/api",
      tag: "v1.0.0",
      folder: "crds",
      goModule: "example.com/api",
      files: { "a.yaml": digest(text) },
    };
    const fromModule = async () => {
      const get = new Map(ways).get("Go module");
      assert.ok(get);
      return get("istio", source, { env, signal: new AbortController().signal });
    };
    /** A go command that answers with `lines` and ends with `code`. */
    const go = (lines: string[], code = 0) => {
      mkdirSync(join(folder, "bin"), { recursive: true });
      const script = join(folder, "bin", "go");
      writeFileSync(
        script,
        `#!/bin/sh\nwhile read -r l; do echo "$l"; done <<'END'\n${lines.join("\n")}\nEND\nexit ${code}\n`,
      );
      chmodSync(script, 0o755);
    };
    const module = (content: string) => {
      mkdirSync(join(folder, "module", "crds"), { recursive: true });
      writeFileSync(join(folder, "module", "crds", "a.yaml"), content);
    };

    it("takes the files", async () => {
      module(text);
      go(["go: a warning", "{", `"Dir": ${JSON.stringify(join(folder, "module"))}`, "}"]);
      const files = await fromModule();
      assert.deepEqual(files, { texts: [text], from: "Go module example.com/api v1.0.0" });
      assert.deepEqual(files.texts.flatMap(parseCrds), [JSON.parse(JSON.stringify(structural.modelConfig))]);
    });

    it("does without when the content is not what was pinned", async () => {
      module(`${text}# changed\n`);
      go(["{", `"Dir": ${JSON.stringify(join(folder, "module"))}`, "}"]);
      await assert.rejects(fromModule(), {
        name: new Unavailable("").name,
        message: /its content was changed$/,
      });
    });

    it("passes on why Go could not", async () => {
      go(['{ "Error": "verifying module: checksum mismatch" }'], 1);
      await assert.rejects(fromModule(), {
        message: /example\.com\/api" failed: verifying module: checksum/,
      });
      go(["go: cannot find main module"], 1);
      await assert.rejects(fromModule(), { message: /failed: go: cannot find main module$/ });
    });
  });
});
