import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { type Input, secret } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  OfflineEnvironment,
  type TestObject,
  type TestProgram,
  type TestStack,
} from "../../support/offline-stack";

const environment = new OfflineEnvironment();

type Annotations = Record<string, string>;

/** A program with one ConfigMap, whose fields can be anything. */
function configMap(
  name: string,
  data: Record<string, Input<string>>,
  rest: { annotations?: Annotations; immutable?: boolean; namespace?: string } = {},
): TestProgram {
  const { immutable, ...metadata } = rest;
  return (options) => {
    new k8s.core.v1.ConfigMap(
      "cm",
      { metadata: { name, ...metadata }, data, ...(immutable && { immutable }) },
      options,
    );
  };
}

const liveData = async (name: string) => (await environment.live("v1", "ConfigMap", name))?.data;
const changed = (name: string, data: Record<string, string>): TestObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});

describe("offline provider on a real control plane", function () {
  this.timeout(60_000);

  before(async function () {
    // The binaries may have to be built first.
    this.timeout(30 * 60_000);
    await environment.start();
  });
  after(() => environment.stop());

  let stack: TestStack;
  const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };
  beforeEach(async () => {
    stack = await environment.stack(mutable);
  });

  const up = async (program: TestProgram): Promise<string[]> => {
    const { steps, error } = await stack.up(program);
    assert.equal(error, "");
    return steps;
  };

  describe("changes", () => {
    it("previews without touching the cluster, then creates, then changes nothing", async () => {
      const program = configMap("plain", { k: "v" });
      assert.deepEqual((await stack.preview(program)).steps, ["create cm"]);
      assert.equal(await liveData("plain"), undefined);
      assert.deepEqual(await up(program), ["create cm"]);
      assert.deepEqual(await liveData("plain"), { k: "v" });
      assert.deepEqual(await up(program), []);
    });

    it("updates a field, adds one and removes one", async () => {
      await up(configMap("fields", { a: "1", gone: "1" }, { annotations: { "a.b/c": "x" } }));
      const program = configMap("fields", { a: "2", added: "1" });
      const expected = "update cm [data.a, data.added, data.gone, metadata.annotations]";
      assert.deepEqual((await stack.preview(program)).steps, [expected]);
      assert.deepEqual(await liveData("fields"), { a: "1", gone: "1" });
      assert.deepEqual(await up(program), [expected]);
      const live = await environment.live("v1", "ConfigMap", "fields");
      assert.deepEqual(live?.data, { a: "2", added: "1" });
      assert.equal(live?.metadata.annotations, undefined);
      assert.deepEqual(await up(program), []);
    });

    it("removes a field that it added with an update", async () => {
      await up(configMap("twice", { a: "1" }));
      await up(configMap("twice", { a: "1", b: "1" }));
      await up(configMap("twice", { b: "1" }));
      assert.deepEqual(await liveData("twice"), { b: "1" });
    });

    it("replaces for an immutable field, deleting first", async () => {
      const program =
        (name: string): TestProgram =>
        (options) => {
          const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name };
          new k8s.rbac.v1.RoleBinding("rb", { metadata: { name: "binding" }, roleRef }, options);
        };
      await up(program("view"));
      const before = await environment.live("rbac.authorization.k8s.io/v1", "RoleBinding", "binding");
      assert.deepEqual(await up(program("edit")), [
        "create-replacement rb [roleRef.name]",
        "delete-replaced rb",
        "replace rb [roleRef.name]",
      ]);
      const after = await environment.live("rbac.authorization.k8s.io/v1", "RoleBinding", "binding");
      assert.notEqual(after?.metadata.uid, before?.metadata.uid);
      assert.equal((after?.roleRef as { name: string } | undefined)?.name, "edit");
    });

    it("asks the API server about immutable fields that no table knows", async () => {
      const program =
        (label: string, controller: string): TestProgram =>
        (options) => {
          const metadata = { name: "offline", labels: { label } };
          new k8s.networking.v1.IngressClass("ic", { metadata, spec: { controller } }, options);
        };
      await up(program("a", "example.com/a"));
      assert.deepEqual(await up(program("b", "example.com/a")), ["update ic [metadata.labels.label]"]);
      assert.match(
        (await up(program("b", "example.com/b"))).join(),
        /create-replacement ic \[spec.controller\]/,
      );
    });

    it("chooses a name where the program gives none, and keeps it", async () => {
      const program =
        (k: string): TestProgram =>
        (options) => {
          const map = new k8s.core.v1.ConfigMap("unnamed", { data: { k } }, options);
          return { name: map.metadata.name };
        };
      await up(program("1"));
      const { name } = await stack.stack.outputs();
      assert.match(String(name?.value), /^unnamed-[0-9a-f]{7,8}$/);
      await up(program("2"));
      assert.deepEqual((await stack.stack.outputs()).name, name);
      assert.deepEqual(await liveData(String(name?.value)), { k: "2" });
    });

    it("shows nothing for values that the API server writes differently", async () => {
      const program: TestProgram = (options) => {
        const hard = { cpu: "1000m", "requests.memory": "1024Mi" };
        new k8s.core.v1.ResourceQuota("q", { metadata: { name: "quota" }, spec: { hard } }, options);
        const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [] };
        new k8s.networking.v1.NetworkPolicy("np", { metadata: { name: "deny" }, spec }, options);
        new k8s.core.v1.Secret("s", { metadata: { name: "encoded" }, stringData: { k: "v" } }, options);
      };
      await up(program);
      assert.deepEqual(await up(program), []);
      await stack.refresh();
      assert.deepEqual(await up(program), []);
    });
  });

  describe("the cluster changes", () => {
    it("repairs drift after a refresh, by force where the program says so", async () => {
      const program = configMap("drift", { k: "v" }, { annotations: { "pulumi.com/patchForce": "true" } });
      await up(program);
      await environment.patch(changed("drift", { k: "other", more: "theirs" }));
      assert.deepEqual(await up(program), []);
      await stack.refresh();
      assert.deepEqual(await up(program), ["update cm [data.k]"]);
      assert.deepEqual(await liveData("drift"), { k: "v", more: "theirs" });
    });

    it("names who holds a field that it may not take, and how to take it", async () => {
      const program = configMap("contested", { k: "v" });
      await up(program);
      await environment.patch(changed("contested", { k: "other" }));
      await stack.refresh();
      const { error } = await stack.up(program);
      assert.match(
        error,
        /ConfigMap default\/contested was not updated: Apply failed with 1 conflict: conflict with "kubectl-edit"/,
      );
      assert.match(error, /pulumi\.com\/patchForce/);
    });

    it("creates again what was deleted", async () => {
      const program = configMap("deleted", { k: "v" });
      await up(program);
      await environment.remove(changed("deleted", {}));
      await stack.refresh();
      assert.deepEqual(await up(program), ["create cm"]);
      assert.deepEqual(await liveData("deleted"), { k: "v" });
    });

    it("does not fail over what is gone already when it deletes", async () => {
      await up(configMap("half", { k: "v" }));
      await environment.remove(changed("half", {}));
      assert.equal((await stack.destroy()).error, "");
    });

    it("refuses to create what exists, and leaves it alone", async () => {
      await environment.create(changed("theirs", { k: "theirs" }));
      const { error } = await stack.up(configMap("theirs", { k: "ours" }));
      assert.match(error, /ConfigMap default\/theirs was not created: configmaps "theirs" already exists/);
      assert.deepEqual(await liveData("theirs"), { k: "theirs" });
    });

    it("takes over what exists where the provider's option says so", async () => {
      await environment.create(changed("upserted", { k: "theirs", more: "theirs" }));
      stack = await environment.stack({ ...mutable, upsertExistingObjects: true, enablePatchForce: true });
      assert.deepEqual(await up(configMap("upserted", { k: "ours" })), ["create cm"]);
      assert.deepEqual(await liveData("upserted"), { k: "ours", more: "theirs" });
      assert.deepEqual(await up(configMap("upserted", { k: "again" })), ["update cm [data.k]"]);
    });

    it("imports what exists", async () => {
      await environment.create(changed("adopted", { k: "v" }));
      const program: TestProgram = ({ provider }) => {
        const metadata = { name: "adopted", namespace: "default" };
        const options = { provider, import: "default/adopted" };
        new k8s.core.v1.ConfigMap("cm", { metadata, data: { k: "v" } }, options);
      };
      assert.deepEqual(await up(program), ["import cm"]);
      assert.deepEqual(await up(program), []);
    });
  });

  describe("errors", () => {
    it("are the API server's own words, in the preview already", async () => {
      const program = configMap("wrong", { "not a key": "v" });
      const expected =
        /ConfigMap default\/wrong was not created: ConfigMap "wrong" is invalid: data\[not a key\]/;
      assert.match((await stack.preview(program)).error, expected);
      const { error } = await stack.up(program);
      assert.match(error, expected);
      assert.doesNotMatch(error, /\n\s+at /);
    });

    it("say which kind is not served", async () => {
      const { error } = await stack.up((options) => {
        const args = { apiVersion: "example.com/v1", kind: "Nothing", metadata: { name: "x" } };
        const customTimeouts = { create: "1s" };
        new k8s.apiextensions.CustomResource("none", args, { ...options, customTimeouts });
      });
      assert.match(
        error,
        /Nothing x was not created: the API server serves no kind Nothing of example\.com\/v1/,
      );
    });

    it("say what the offline provider does not serve", async () => {
      const { error } = await stack.preview((options) => {
        new k8s.helm.v3.Release("chart", { chart: "nginx" }, options);
      });
      assert.match(error, /offline provider does not serve Helm releases and charts/);
    });

    it("say that the cluster cannot be reached", async () => {
      const server = "https://127.0.0.1:1";
      const kubeconfig = JSON.stringify({
        "current-context": "c",
        clusters: [{ name: "c", cluster: { server } }],
        contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      });
      stack = await environment.stack({ kubeconfig });
      const { error } = await stack.up(configMap("unreachable", {}));
      assert.match(error, /API server at https:\/\/127\.0\.0\.1:1 cannot be reached \(connection refused\)/);
    });
  });

  describe("secrets", () => {
    const value = "hunter22-and-some-more";
    const encoded = Buffer.from(value).toString("base64");
    const assertHidden = (text: string) => {
      assert.equal(text.includes(value), false);
      assert.equal(text.includes(encoded), false);
    };

    it("are nowhere in plain, marked or not", async () => {
      const program: TestProgram = (options) => {
        const password = new random.RandomPassword("password", { length: 32 });
        new k8s.core.v1.Secret("s", { metadata: { name: "unmarked" }, stringData: { k: value } }, options);
        new k8s.core.v1.ConfigMap(
          "cm",
          { metadata: { name: "marked" }, data: { k: secret(value) } },
          options,
        );
        const map = new k8s.core.v1.Secret(
          "p",
          { metadata: { name: "random" }, stringData: { k: password.result } },
          options,
        );
        return { data: map.data };
      };
      const { output, error } = await stack.up(program);
      assert.equal(error, "");
      assertHidden(output);
      assertHidden(stack.state());
      assert.equal((await stack.stack.outputs()).data?.secret, true);
      assert.deepEqual(await liveData("marked"), { k: value });
      assert.deepEqual((await environment.live("v1", "Secret", "unmarked"))?.data, { k: encoded });
      assert.deepEqual(await up(program), []);
      await stack.refresh();
      assertHidden(stack.state());
    });

    it("are not in an error that quotes them", async () => {
      const { output, error } = await stack.up((options) => {
        const metadata = { name: "quoted", labels: { l: secret(`${value} is no label`) } };
        new k8s.core.v1.ConfigMap("cm", { metadata }, options);
      });
      assert.match(error, /metadata\.labels: Invalid value: "\[secret\]"/);
      assertHidden(output + error);
      assertHidden(stack.state());
    });
  });

  describe("waiting", () => {
    const ready = { "pulumi.com/waitFor": "jsonpath={.data.ready}=true" };

    it("waits for what the program asks for", async () => {
      const started = stack.up(configMap("waited", { k: "v" }, { annotations: ready }));
      for (let tries = 0; tries < 200 && !(await liveData("waited")); tries++) await pause(50);
      await environment.patch(changed("waited", { ready: "true" }));
      const { error, steps } = await started;
      assert.equal(error, "");
      assert.deepEqual(steps, ["create cm"]);
    });

    it("remembers an object that did not get ready in time, and goes on with it", async () => {
      const annotations = { ...ready, "pulumi.com/timeoutSeconds": "1" };
      const program = configMap("late", { k: "v" }, { annotations });
      const first = await stack.up(program);
      assert.match(
        first.error,
        /ConfigMap default\/late is on the cluster, but not ready: waiting for jsonpath=\{\.data\.ready\}=true: there is no \.data\.ready, but not within 1 s/,
      );
      await environment.patch(changed("late", { ready: "true" }));
      assert.deepEqual(await up(program), ["update cm"]);
      assert.deepEqual(await up(program), []);
    });

    it("can be interrupted, and nothing is forgotten", async () => {
      const interruption = new AbortController();
      const program = configMap("interrupted", { k: "v" }, { annotations: ready });
      const interrupted = stack.up(program, { signal: interruption.signal });
      for (let tries = 0; tries < 200 && !(await liveData("interrupted")); tries++) await pause(50);
      const since = Date.now();
      interruption.abort();
      assert.match((await interrupted).error, /interrupted while waiting for/);
      assert.ok(Date.now() - since < 10_000);
      await environment.patch(changed("interrupted", { ready: "true" }));
      assert.deepEqual(await up(program), ["update cm"]);
    });

    it("creates a custom resource as soon as its definition is served", async () => {
      const program: TestProgram = (options) => {
        const schema = {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
          },
        };
        const names = { kind: "Widget", plural: "widgets" };
        const versions = [{ name: "v1", served: true, storage: true, schema }];
        new k8s.apiextensions.v1.CustomResourceDefinition(
          "crd",
          {
            metadata: { name: "widgets.example.com" },
            spec: { group: "example.com", scope: "Cluster", names, versions },
          },
          options,
        );
        const args = {
          apiVersion: "example.com/v1",
          kind: "Widget",
          metadata: { name: "one" },
          spec: { list: [1] },
        };
        new k8s.apiextensions.CustomResource("widget", args, options);
      };
      assert.deepEqual(await up(program), ["create crd", "create widget"]);
      assert.deepEqual(await up(program), []);
      assert.deepEqual((await environment.live("example.com/v1", "Widget", "one"))?.spec, { list: [1] });
    });

    it("destroys a namespace with all that is in it, and waits until it is gone", async () => {
      const program: TestProgram = (options) => {
        new k8s.core.v1.Namespace("ns", { metadata: { name: "gone" } }, options);
        new k8s.core.v1.ConfigMap("cm", { metadata: { name: "x", namespace: "gone" } }, options);
      };
      await up(program);
      assert.equal((await stack.destroy()).error, "");
      assert.equal(await environment.live("v1", "Namespace", "gone"), undefined);
    });

    it("says which finalizer holds a deleted object", async () => {
      const metadata = { name: "held", namespace: "default", finalizers: ["example.com/hold"] };
      const options = { "pulumi.com/timeoutSeconds": "1" };
      await up(configMap("held", {}, { annotations: options }));
      await environment.patch({ ...changed("held", {}), metadata });
      const { error } = await stack.destroy();
      assert.match(
        error,
        /ConfigMap default\/held was not deleted: waiting for .* \(finalizers: example\.com\/hold\), but not within 1 s/,
      );
      await environment.patch({ ...changed("held", {}), metadata: { ...metadata, finalizers: [] } });
      assert.equal((await stack.destroy()).error, "");
    });
  });
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
