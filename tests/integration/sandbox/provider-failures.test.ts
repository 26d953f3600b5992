import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import * as k8s from "@pulumi/kubernetes";
import { secret } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  changed,
  configMap,
  deployOffline,
  environment,
  liveData,
  stack,
  up,
  useStack,
} from "../../support/offline-fixture";
import type { TestProgram } from "../../support/offline-stack";

describe("offline provider: failing, hiding and waiting", function () {
  deployOffline(this);

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
      await useStack({ kubeconfig });
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
      const started = stack.up(configMap("waited", { k: "v" }, ready));
      for (let tries = 0; tries < 200 && !(await liveData("waited")); tries++) await pause(50);
      await environment.patch(changed("waited", { ready: "true" }));
      const { error, steps } = await started;
      assert.equal(error, "");
      assert.deepEqual(steps, ["create cm"]);
    });

    it("remembers an object that did not get ready in time, and goes on with it", async () => {
      const annotations = { ...ready, "pulumi.com/timeoutSeconds": "1" };
      const program = configMap("late", { k: "v" }, annotations);
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
      const program = configMap("interrupted", { k: "v" }, ready);
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
      await up(configMap("held", {}, options));
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
