import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { Api } from "../../../verify/live/api";
import { loadKubeconfig } from "../../../verify/live/kubeconfig";
import { NoRogue, withRogue } from "../../../verify/probes/rogue";
import { assertSentences } from "../../support/cli";
import { devConfiguration, eventually, useSandbox } from "../../support/sandbox";

const root = join(__dirname, "../../..");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process of its own. */
function verifyCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const command = ["--import", "tsx", join(root, "verify", "cli.ts"), ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, ...env } });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...texts }));
  });
}

describe("verify says in a sentence what keeps it from running", function () {
  this.timeout(60_000);
  const sandbox = useSandbox(devConfiguration);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "kagent-a2a-verify-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const config = ["--config", "Pulumi.dev.yaml"];

  /** The sandbox's kubeconfig with something changed in it. */
  // biome-ignore lint/suspicious/noExplicitAny: a kubeconfig, to be changed anywhere
  function kubeconfig(name: string, change: (content: any) => void): string {
    const content = parse(readFileSync(sandbox.home.kubeconfig, "utf8"));
    change(content);
    const path = join(folder, name);
    writeFileSync(path, stringify(content));
    return path;
  }

  async function cannotRun(
    args: readonly string[],
    expected: RegExp,
    env: NodeJS.ProcessEnv = {},
  ): Promise<void> {
    const { code, stderr } = await verifyCommand([...config, ...args], env);
    assert.match(stderr, expected);
    assertSentences(stderr);
    assert.equal(code, 2);
  }

  it("no kubeconfig", () =>
    cannotRun([], /^There is no kubeconfig at .*missing\.\nSet KUBECONFIG/m, {
      KUBECONFIG: join(folder, "missing"),
    }));

  it("a file that is no kubeconfig", () => {
    const path = join(folder, "text");
    writeFileSync(path, "[1, 2");
    return cannotRun(["--kubeconfig", path], /text: this is no kubeconfig/);
  });

  it("a context that is not there, with those that are", () =>
    cannotRun(
      ["--kubeconfig", sandbox.home.kubeconfig, "--context", "production"],
      /has no context "production" with a cluster\.\nIt names .+: choose one with --context/,
    ));

  it("a cluster that cannot be reached", () => {
    const path = kubeconfig("nowhere", ({ clusters }) => {
      clusters[0].cluster.server = "https://127.0.0.1:1";
    });
    return cannotRun(
      ["--kubeconfig", path],
      /at https:\/\/127\.0\.0\.1:1 cannot be reached: connection refused/,
    );
  });

  it("a cluster whose certificate is of somebody else", () => {
    const path = kubeconfig("stranger", ({ clusters }) => {
      delete clusters[0].cluster["certificate-authority-data"];
    });
    return cannotRun(["--kubeconfig", path], /cannot be reached: its certificate is not trusted/);
  });

  it("a login that is not accepted", () => {
    const path = kubeconfig("expired", ({ users }) => {
      users[0].user = { token: "expired" };
    });
    return cannotRun(["--kubeconfig", path], /does not accept the login of context/);
  });

  it("a cluster that does not answer", async () => {
    const mute: Server = createServer(() => {});
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as { port: number };
    const path = kubeconfig("mute", ({ clusters }) => {
      clusters[0].cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    });
    try {
      await cannotRun(["--kubeconfig", path, "--timeout", "1"], /gave no answer within 1 s\.\n.*--timeout/);
    } finally {
      mute.close();
    }
  });

  it("a stack file that is not there, or holds problems", async () => {
    const missing = await verifyCommand(["--stack", "nosuch"]);
    assert.match(missing.stderr, /Pulumi\.nosuch\.yaml: the file cannot be read/);
    assert.equal(missing.code, 2);
  });

  it("an option that means nothing", async () => {
    const { code, stderr } = await verifyCommand(["--only", "everything"]);
    assert.match(stderr, /Known layers are stack, /);
    assert.equal(code, 2);
  });

  it("a layer of which nothing can be said without a cluster, or a cluster where none is asked", async () => {
    const layer = await verifyCommand(["--static", "--only", "routing", "--only", "audit"]);
    assert.match(
      layer.stderr,
      /^Without a cluster nothing can be said about routing, audit\.\n--static proves network, /,
    );
    assertSentences(layer.stderr);
    assert.equal(layer.code, 2);
    const cluster = await verifyCommand(["--static", "--kubeconfig", sandbox.home.kubeconfig]);
    assert.match(cluster.stderr, /cannot be used with option '--static'/);
    assert.equal(cluster.code, 2);
  });

  it("the stub model for a stack in production, or beside the stack's own models", async () => {
    const production = await verifyCommand(["--config", "Pulumi.prod.yaml", "--with-stub-model"]);
    assert.match(production.stderr, /^--with-stub-model is not for a stack with environment: production/m);
    assertSentences(production.stderr);
    assert.equal(production.code, 2);
    const undeclared = await verifyCommand(["--config", "Pulumi.prod.yaml", "--try-undeclared"]);
    assert.match(undeclared.stderr, /^--try-undeclared is not for a stack with environment: production/m);
    assert.equal(undeclared.code, 2);
    const both = await verifyCommand([...config, "--with-stub-model", "--ask-models"]);
    assert.match(both.stderr, /'--with-stub-model' cannot be used with option '--ask-models'/);
    assert.equal(both.code, 2);
  });

  it("a layer of which there is no check here", () =>
    cannotRun(
      ["--kubeconfig", sandbox.home.kubeconfig, "--only", "stack"],
      /^Nothing was checked: there is no check of stack here\.\nWith --config and --sandbox no stack is asked/m,
    ));

  describe("rights that are missing", () => {
    /** A login as a service account of its own. */
    async function loginAs(name: string, rules: readonly object[]): Promise<string> {
      const { api } = sandbox;
      const namespace = "default";
      await api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
      const rbac = "rbac.authorization.k8s.io";
      await api.create({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name }, rules });
      await api.create({
        apiVersion: `${rbac}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
        subjects: [{ kind: "ServiceAccount", name, namespace }],
      });
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
      const answer = await api.request("POST", path, {
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} },
      });
      assert.equal(answer.message, "");
      return kubeconfig(name, ({ users }) => {
        users[0].user = { token: (answer.body.status as { token: string }).token };
      });
    }

    it("to read are named, all of them at once", async () => {
      const path = await loginAs("nobody", []);
      const { code, stderr } = await verifyCommand([...config, "--kubeconfig", path]);
      assert.equal(code, 2);
      for (const right of [
        "list networkpolicies.networking.k8s.io",
        "list authorizationpolicies.security.istio.io",
        "list agents.kagent.dev",
        "list namespaces",
      ])
        assert.ok(stderr.includes(`  ${right}\n`), stderr);
      assertSentences(stderr);
    });

    it("to try things leave a check unanswered, which says what it needs", async () => {
      const path = await loginAs("reader", [{ apiGroups: ["*"], resources: ["*"], verbs: ["list"] }]);
      const { stdout } = await verifyCommand([...config, "--kubeconfig", path, "--json"]);
      const { results } = JSON.parse(stdout) as {
        results: { layer: string; status: string; detail: string }[];
      };
      const unanswered = (layer: string, detail: RegExp) =>
        assert.ok(
          results.some(
            (one) => one.layer === layer && one.status === "not answerable" && detail.test(one.detail),
          ),
          `${layer} ${detail}`,
        );
      unanswered("rbac", /may not create subjectaccessreviews\.authorization\.k8s\.io/);
      unanswered("pod-security", /cannot create resource "pods"/);
      unanswered("token", /may not get secrets in team-alpha/);
      unanswered("audit", /may not get \/metrics/);
    });

    it("are all in the documented ClusterRole: with it a change is a failure, and nothing else is left unanswered", async () => {
      const text = readFileSync(join(root, "docs", "verify.md"), "utf8");
      const role = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)]
        .map(([, yaml = ""]) => parse(yaml))
        .find(({ kind }) => kind === "ClusterRole");
      const path = await loginAs("documented", role.rules);
      const asked = async () => {
        const deployed = ["--config", sandbox.home.at("stack", "Pulumi.sandbox.yaml")];
        const { stdout } = await verifyCommand([...deployed, "--kubeconfig", path, "--json"]);
        const { results } = JSON.parse(stdout) as {
          results: { layer: string; subject: string; status: string; detail: string }[];
        };
        return results.filter(({ status }) => status !== "pass");
      };
      for (const { status, detail } of await asked()) {
        assert.equal(status, "not answerable");
        assert.doesNotMatch(detail, /this user/);
      }
      const name = "kagent-a2a-agents";
      const version = "admissionregistration.k8s.io/v1";
      const policy = await sandbox.api.read(version, "ValidatingAdmissionPolicy", name);
      const open = { ...policy, apiVersion: version, kind: "ValidatingAdmissionPolicy" };
      assert.equal(
        (
          await sandbox.api.replace({
            ...open,
            spec: { ...(policy.spec as object), failurePolicy: "Ignore" },
          })
        ).message,
        "",
      );
      const failed = (await asked()).filter(({ status }) => status === "fail");
      assert.deepEqual(
        failed.map(({ subject, detail }) => `${subject} ${detail}`),
        ["ValidatingAdmissionPolicy kagent-a2a-agents differs at spec.failurePolicy"],
      );
      const { metadata } = await sandbox.api.read(version, "ValidatingAdmissionPolicy", name);
      await sandbox.api.replace({
        ...open,
        metadata: { ...open.metadata, resourceVersion: metadata.resourceVersion },
      });
    });
  });

  describe("its own namespace", () => {
    const namespaces = async () =>
      (await sandbox.api.list("/api/v1/namespaces"))
        .filter(({ metadata }) => metadata.name.startsWith("kagent-a2a-verify-"))
        .map(({ metadata }) => metadata.name);

    const rogue = (signal: AbortSignal, timeoutSeconds: number) =>
      withRogue(
        new Api(loadKubeconfig({ kubeconfig: sandbox.home.kubeconfig }), 10),
        { image: "example.com/agent:1", timeoutSeconds, signal },
        async () => assert.fail("no pod can run here"),
      );

    it("is gone when the pods do not come to run", async () => {
      await assert.rejects(rogue(new AbortController().signal, 1), NoRogue);
      await eventually(async () => assert.deepEqual(await namespaces(), []));
    });

    it("is gone when the user interrupts", async () => {
      const controller = new AbortController();
      const ended = assert.rejects(rogue(controller.signal, 30), /interrupted by the test/);
      await eventually(async () => assert.equal((await namespaces()).length, 1));
      controller.abort(new Error("interrupted by the test"));
      await ended;
      await eventually(async () => assert.deepEqual(await namespaces(), []));
    });
  });

  describe("what is not installed", () => {
    it("makes verify fail, by its name", async () => {
      const crd = await sandbox.api.read(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "authorizationpolicies.security.istio.io",
      );
      await sandbox.api.remove({
        ...crd,
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
      });
      await eventually(async () => {
        const { code, stdout } = await verifyCommand([
          ...config,
          "--kubeconfig",
          sandbox.home.kubeconfig,
          "--only",
          "identity",
        ]);
        assert.equal(code, 1);
        assert.match(stdout, /the cluster serves no AuthorizationPolicy: Istio is not installed/);
      });
    });
  });
});
