import assert from "node:assert/strict";
import { toKubernetesKeys, toSdkKeys } from "../../../../sandbox/provider/kubernetes/dashed-keys";
import { normalise } from "../../../../sandbox/provider/kubernetes/normalise";
import { UNKNOWN } from "../../../../sandbox/provider/rpc/values";

const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } };

describe("offline provider: normalise", () => {
  it("turns stringData into data, as the API server does", () => {
    const given = { ...secret, data: { a: "MQ==", b: "Mg==" }, stringData: { b: "three" } };
    assert.deepEqual(normalise(given), { ...secret, data: { a: "MQ==", b: "dGhyZWU=" } });
  });

  it("re-encodes data, and leaves to the API server what is not base64", () => {
    assert.deepEqual(normalise({ ...secret, data: { a: "M\nQ==\n", b: "not base64!" } }).data, {
      a: "MQ==",
      b: "not base64!",
    });
  });

  it("leaves a Secret with unknown values as it is", () => {
    const given = { ...secret, stringData: { token: UNKNOWN } };
    assert.deepEqual(normalise(given), given);
  });

  it("drops the metadata that only the API server writes", () => {
    const metadata = { name: "x", uid: "1", resourceVersion: "2", managedFields: [], labels: { a: "b" } };
    assert.deepEqual(normalise({ ...secret, kind: "Thing", metadata }).metadata, {
      name: "x",
      labels: { a: "b" },
    });
  });

  it("drops what a definition does not keep", () => {
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "x" },
    };
    const given = { ...crd, spec: { group: "g", preserveUnknownFields: false }, status: { conditions: [] } };
    assert.deepEqual(normalise(given), { ...crd, spec: { group: "g" } });
  });

  it("translates the dashed keys of a definition's schema both ways", () => {
    const kubernetes = { schema: [{ "x-kubernetes-list-type": "map", other_key: 1 }] };
    const sdk = { schema: [{ x_kubernetes_list_type: "map", other_key: 1 }] };
    assert.deepEqual(toSdkKeys(kubernetes), sdk);
    assert.deepEqual(toKubernetesKeys(sdk), kubernetes);
  });
});
