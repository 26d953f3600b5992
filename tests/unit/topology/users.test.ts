import * as assert from "node:assert/strict";
import { anyUserOf, kagentAuthValues, kagentDatabaseValues } from "../../../topology";
import { withExternalDatabase, withUsers } from "../../support/configurations";
import { devTopology } from "../../support/dev";

describe("values of chart kagent", () => {
  it("believe users' tokens only where the mesh verifies them", () => {
    assert.deepEqual(kagentAuthValues(devTopology()), { mode: "unsecure" });
    assert.deepEqual(kagentAuthValues(devTopology(withUsers)), { mode: "trusted-proxy", userIdClaim: "sub" });
  });

  it("name the bundled database, or the file with the URL of another and no bundled one", () => {
    assert.deepEqual(kagentDatabaseValues(devTopology()), {
      database: { postgres: { bundled: { enabled: true } } },
    });
    assert.deepEqual(kagentDatabaseValues(devTopology(withExternalDatabase)), {
      database: {
        postgres: { urlFile: "/var/run/secrets/kagent-database/url", bundled: { enabled: false } },
      },
      controller: {
        volumes: [
          {
            name: "database-url",
            secret: { secretName: "kagent-database", items: [{ key: "url", path: "url" }] },
          },
        ],
        volumeMounts: [
          { name: "database-url", mountPath: "/var/run/secrets/kagent-database", readOnly: true },
        ],
      },
    });
  });
});

describe("any user of an issuer", () => {
  it("is what istiod splits at the last slash, whatever slashes the issuer has", () => {
    const { oidc } = devTopology(withUsers);
    assert.ok(oidc);
    for (const issuer of ["https://login.example.com/realms/a", "https://tenant.example.com/"]) {
      const pattern = anyUserOf({ ...oidc, issuer });
      assert.equal(pattern.slice(0, pattern.lastIndexOf("/")), issuer);
      assert.equal(pattern.slice(pattern.lastIndexOf("/") + 1), "*");
    }
  });
});
