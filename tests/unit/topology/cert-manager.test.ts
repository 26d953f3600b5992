import * as assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CERT_MANAGER_ARGUMENTS } from "../../../topology";

describe("what cert-manager's component takes as arguments of its own", () => {
  it("is what its package declares", () => {
    const folder = dirname(require.resolve("@pulumi/kubernetes-cert-manager/package.json"));
    const declaration = readFileSync(join(folder, "certManager.d.ts"), "utf8");
    const [, body = ""] = /export interface CertManagerArgs \{([\s\S]*?)\n\}/.exec(declaration) ?? [];
    const keys = [...body.matchAll(/^ {4}(\w+)\?:/gm)].map(([, key]) => key);
    assert.deepEqual(
      keys.filter((key) => key !== "helmOptions").sort(),
      Object.keys(CERT_MANAGER_ARGUMENTS).sort(),
    );
  });
});
