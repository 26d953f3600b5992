import * as assert from "node:assert/strict";
import { inProduction, withExternalDatabase, withMeshAuthority } from "../../support/configurations";
import { sentencesOf } from "../../support/sentences";

describe("production", () => {
  it("demands verified users, Vault, a database of its own, replicas and protection, all at once", () => {
    const sentences = sentencesOf((c) => {
      c.environment = "production";
      c.platform = { highAvailability: false, protect: "false" };
    });
    assert.deepEqual(sentences, [
      "userAuth: must be oidc, since environment is production: otherwise whoever reaches kagent is whatever user they say. | Write userAuth: oidc, and the issuer below oidc.",
      "secrets: must be vault, since environment is production: API keys would lie in the state of the stack, and change by a deployment only. | Write secrets: vault, and the address, role and audience below vault.",
      "database: must be external, since environment is production: the bundled one has a password that everybody knows, one pod and no backup. | Write database: external, and where it stands below externalDatabase.",
      "platform.highAvailability: must be true, since environment is production: one node that is drained would stop admission, the mesh and every agent. | Remove it; true is the default.",
      "platform.protect: must be true, since environment is production: a destroy by mistake would delete every Agent and the mesh's root certificate authority. | Remove it; true is the default.",
    ]);
  });

  it("refuses a Vault without TLS", () => {
    const [sentence, ...more] = sentencesOf(inProduction, (c) => {
      c.vault.address = "http://vault.example.com:8200";
    });
    assert.deepEqual(more, []);
    assert.match(sentence ?? "", /^vault\.address: is http: tokens and API keys would cross the network/);
  });
});

describe("an external database is refused", () => {
  it("without its address, or with every address", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.database = "external";
      }),
      [
        "externalDatabase: is missing, and database is external. | Add externalDatabase.host and externalDatabase.cidrs.",
      ],
    );
    assert.deepEqual(
      sentencesOf(withExternalDatabase, (c) => {
        c.externalDatabase.cidrs = ["0.0.0.0/0"];
        c.externalDatabase.host = "10.0.0.1";
      }),
      [
        'externalDatabase.host: "10.0.0.1" is not a host name. | Host name, as in the URL: a ServiceEntry lets the mesh pass it under REGISTRY_ONLY.',
        "externalDatabase.cidrs[0]: is every address there is. | Write the addresses of the database, as narrow as they are known.",
      ],
    );
  });
});

describe("a certificate authority is refused", () => {
  it("of Vault without Vault, and without a role", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.pki = "vault";
      }),
      [
        "vault: is missing, and pki is vault. | Add vault.address, vault.auth.role and vault.auth.audience, or change that key.",
        "meshCa.vault: is missing, and pki is vault. | Add meshCa.vault.role, the Vault role that may sign the intermediate.",
      ],
    );
  });

  it("that signs leaves, or ends before what it signed", () => {
    assert.deepEqual(
      sentencesOf(withMeshAuthority, (c) => {
        c.meshCa = { rootDays: 365, intermediateDays: 400, vault: { role: "r", path: "pki/sign/mesh" } };
      }),
      [
        'meshCa.vault.path: "pki/sign/mesh" must be the path that signs intermediates, such as pki/root/sign-intermediate. | Path in Vault that signs the intermediate.',
        "meshCa.intermediateDays: is not less than meshCa.rootDays: the root would end before what it signed. | Shorten the intermediate's lifetime, or lengthen the root's.",
      ],
    );
  });

  it("for a mesh that is there already", () => {
    assert.deepEqual(
      sentencesOf(withMeshAuthority, (c) => {
        c.platform = { ...c.platform, istio: { install: false } };
      }),
      [
        "pki: must be none, since platform.istio.install is false: a mesh that is there has its certificate authority already, and another one would cut its sidecars off. | Remove pki, or let the stack install Istio.",
      ],
    );
  });
});
