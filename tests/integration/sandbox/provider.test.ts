import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import {
  changed,
  configMap,
  deployedNames,
  deployOffline,
  environment,
  liveData,
  mutable,
  stack,
  up,
  useStack,
} from "../../support/offline-fixture";
import type { TestProgram } from "../../support/offline-stack";

describe("offline provider: deploying", function () {
  deployOffline(this);

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
      await up(configMap("fields", { a: "1", gone: "1" }, { "a.b/c": "x" }));
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
          new k8s.core.v1.ConfigMap("unnamed", { data: { k } }, options);
        };
      await up(program("1"));
      const [name, ...others] = await deployedNames("v1", "ConfigMap");
      assert.deepEqual(others, []);
      assert.match(name ?? "", /^unnamed-[0-9a-f]{8}$/);
      await up(program("2"));
      assert.deepEqual(await deployedNames("v1", "ConfigMap"), [name]);
      assert.deepEqual(await liveData(name ?? ""), { k: "2" });
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
      const program = configMap("drift", { k: "v" }, { "pulumi.com/patchForce": "true" });
      await up(program);
      await environment.patch(changed("drift", { k: "other", more: "theirs" }));
      assert.deepEqual(await up(program), []);
      await stack.refresh();
      assert.deepEqual(await up(program), ["update cm [data.k]"]);
      assert.deepEqual(await liveData("drift"), { k: "v", more: "theirs" });
    });

    it("names who holds a field that it may not take, and how to take it", async () => {
      const program = configMap("contested", { k: "v" });
      assert.deepEqual(await up(program), ["create cm"]);
      assert.deepEqual(await liveData("contested"), { k: "v" });
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
      await useStack({ ...mutable, upsertExistingObjects: true, enablePatchForce: true });
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
});
