import assert from "node:assert/strict";
import { fieldManagerFor, isForced, takeOver } from "../../../../sandbox/provider/kubernetes/field-managers";
import type { Manifest } from "../../../../sandbox/provider/kubernetes/manifest";

const fields = (...names: string[]) => ({
  "f:data": Object.fromEntries(names.map((name) => [`f:${name}`, {}])),
});
const entry = (manager: string, operation: string, fieldsV1 = fields("a"), subresource?: string) => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...(subresource && { subresource }),
});
const live = (...managedFields: ReturnType<typeof entry>[]): Manifest => ({
  metadata: { resourceVersion: "7", managedFields },
});
const annotated = (annotations: Record<string, string>): Manifest => ({ metadata: { annotations } });

describe("offline provider: field managers", () => {
  it("keeps the name it once had, or the one the program gives", () => {
    assert.match(fieldManagerFor({}, ""), /^pulumi-kubernetes-[0-9a-f]{8}$/);
    assert.equal(fieldManagerFor({}, "pulumi-kubernetes-1"), "pulumi-kubernetes-1");
    assert.equal(fieldManagerFor(annotated({ "pulumi.com/patchFieldManager": "mine" }), "other"), "mine");
  });

  it("takes over what was created with a POST, together with what it applied itself", () => {
    const created = entry("pulumi-kubernetes", "Update", fields("a", "b"));
    const own = entry("me", "Apply", fields("b", "c"));
    const other = entry("kubectl-edit", "Update", fields("d"));
    const status = entry("pulumi-kubernetes", "Update", fields("s"), "status");
    assert.deepEqual(takeOver(live(created, own, other, status), "me"), [
      {
        op: "replace",
        path: "/metadata/managedFields",
        value: [entry("me", "Apply", fields("b", "c", "a")), other, status],
      },
      { op: "replace", path: "/metadata/resourceVersion", value: "7" },
    ]);
  });

  it("has nothing to do when nobody else applied the object", () => {
    assert.equal(takeOver(live(entry("me", "Apply"), entry("kubectl-edit", "Update")), "me"), undefined);
  });

  it("takes fields from others only where the program or the provider says so", () => {
    const contested = live(entry("me", "Apply"), entry("kubectl-edit", "Update"));
    assert.equal(isForced({}, contested, false, false), false);
    assert.equal(isForced(annotated({ "pulumi.com/patchForce": "true" }), contested, false, false), true);
    assert.equal(isForced({}, contested, true, false), true);
  });

  it("shows no conflict in a preview with what the update will take over", () => {
    const created = live(entry("pulumi-kubernetes", "Update"));
    assert.equal(isForced({}, created, false, true), true);
    assert.equal(isForced({}, created, false, false), false);
  });
});
