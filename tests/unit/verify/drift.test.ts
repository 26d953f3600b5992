import assert from "node:assert/strict";
import type { Context } from "../../../verify/checks/check";
import { runCheck } from "../../../verify/checks/check";
import { drift } from "../../../verify/checks/drift";
import { type Doc, Objects } from "../../../verify/static/objects";

const POLICY: Doc = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "one", namespace: "here", labels: { app: "x" } },
  spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }], share: "1000m" },
};

describe("what is declared, as it is on the cluster", () => {
  /** @param mayAsk whether the API server answers a dry run, by which it fills in `filled` */
  async function found(change: (object: Doc) => void, mayAsk = false): Promise<string[]> {
    const object = structuredClone(POLICY);
    change(object);
    const live = {
      isServed: () => true,
      find: ({ metadata }: Doc) => new Objects([object]).get("NetworkPolicy", "here", metadata.name),
    };
    const cluster = {
      wouldReplace: async ({ spec }: Doc) =>
        mayAsk
          ? { code: 200, body: { spec: { ...spec, filled: "default", share: "1" } } }
          : { code: 403, body: {}, message: 'User "u" cannot update resource "networkpolicies"' },
    };
    const planned = [{ layer: "network", manifest: POLICY }];
    const results = await Promise.all(
      drift(["network"]).map((check) => runCheck(check, { planned, live, cluster } as unknown as Context)),
    );
    return results.flat().map(({ status, detail }) => `${status}: ${detail}`);
  }
  const changed = (path: string) => [`fail: differs at ${path}`];

  it("differs wherever what was planned is otherwise, whatever this user may ask", async () => {
    for (const mayAsk of [true, false]) {
      const at = (change: (object: Doc) => void) => found(change, mayAsk);
      assert.deepEqual(await at(({ spec }) => spec.ingress.push({})), changed("spec.ingress"));
      assert.deepEqual(
        await at(({ spec }) => {
          spec.ingress[0].ports[0].port = 81;
        }),
        changed("spec.ingress[0].ports[0].port"),
      );
      assert.deepEqual(
        await at(({ spec }) => {
          spec.share = "2";
        }),
        changed("spec.share"),
      );
      assert.deepEqual(
        await at(({ spec }) => {
          delete spec.ingress;
        }),
        changed("spec.ingress"),
      );
    }
  });

  it("is the same with what the API server fills in or writes in another way, where it may be asked", async () => {
    const filled = ({ spec }: Doc) => {
      spec.filled = "default";
      spec.share = "1";
    };
    assert.deepEqual(await found(filled, true), ["pass: 1 of 1"]);
    assert.match((await found(filled))[0] ?? "", /^not answerable: this user may not update NetworkPolicy/);
    const other = (object: Doc) => {
      filled(object);
      object.spec.filled = "other";
    };
    assert.deepEqual(await found(other, true), changed("spec.filled"));
  });

  it("differs by what makes Istio leave it out of account, though it was not planned", async () => {
    for (const [field, key] of [
      ["annotations", "istio.io/dry-run"],
      ["labels", "istio.io/rev"],
      ["annotations", "sidecar.istio.io/inject"],
    ] as const)
      assert.deepEqual(
        await found(({ metadata }) => {
          metadata[field] = { ...metadata[field], [key]: "x" };
        }),
        changed(`metadata.${field}[${key}]`),
      );
    const others = ({ metadata }: Doc) => {
      metadata.annotations = { "example.com/owner": "x" };
      metadata.labels["example.com/owner"] = "x";
    };
    assert.deepEqual(await found(others), ["pass: 1 of 1"]);
  });
});
