import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { InvokeRequest } from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { installOfflineProviders, packageVersion } from "../../../../sandbox/provider";

describe("offline provider as a process", () => {
  let home: string;
  let executable: string;
  before(async () => {
    home = mkdtempSync(join(tmpdir(), "provider-serve-"));
    await installOfflineProviders(home);
    const plugins = join(home, "plugins");
    const folder = readdirSync(plugins).find((name) => name.startsWith("resource-kubernetes"));
    executable = join(plugins, folder ?? "", "pulumi-resource-kubernetes");
  });
  after(() => rmSync(home, { recursive: true }));

  const firstLine = async (child: ChildProcess): Promise<string> => {
    assert.ok(child.stdout);
    const [line] = await once(createInterface(child.stdout), "line");
    return String(line);
  };

  it("prints its port, tells its version, says what it does not serve, and ends on SIGINT", async () => {
    const child = spawn(executable, ["--logtostderr", "127.0.0.1:1"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const client = new ResourceProviderClient(
      `127.0.0.1:${await firstLine(child)}`,
      credentials.createInsecure(),
    );
    const version = await new Promise((resolve, reject) => {
      client.getPluginInfo(new Empty(), (error, info) =>
        error ? reject(error) : resolve(info.getVersion()),
      );
    });
    assert.equal(version, packageVersion("kubernetes"));
    const request = new InvokeRequest();
    request.setTok("kubernetes:helm:template");
    const refusal = await new Promise<ServiceError | null>((resolve) => {
      client.invoke(request, (error) => resolve(error));
    });
    assert.equal(refusal?.code, status.UNIMPLEMENTED);
    assert.match(refusal?.details ?? "", /does not serve the function kubernetes:helm:template/);
    client.close();
    child.kill("SIGINT");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("ends when the engine is gone", async () => {
    const script = `
      const child = require("node:child_process").spawn(process.argv[1], ["x:1"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.once("data", () => console.log(child.pid));
    `;
    const engine = spawn(process.execPath, ["-e", script, executable], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const plugin = Number(await firstLine(engine));
    // A process that ended may stay as a zombie where nobody waits for orphans.
    const isRunning = () =>
      /^[^Z\s]/.test(spawnSync("ps", ["-o", "stat=", "-p", `${plugin}`]).stdout.toString());
    assert.equal(isRunning(), true);
    engine.kill("SIGKILL");
    for (let tries = 0; tries < 100 && isRunning(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(isRunning(), false);
  });
});
