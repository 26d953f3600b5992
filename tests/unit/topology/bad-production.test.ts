import * as assert from "node:assert/strict";
import { all, inProduction, withExternalDatabase, withMeshAuthority } from "../../support/configurations";
import { devTopology, type Raw } from "../../support/dev";
import { sentencesOf } from "../../support/sentences";

const FEW =
  "must be 2 or more, since environment is production: one node that is drained would stop it. | Write a larger number, or remove it.";
const OFF =
  "may not be switched off, since environment is production: draining nodes would stop all replicas at once. | Remove it; it is on by default.";

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

  it("is what a stack gets that does not say what it is", () => {
    const where = (sentence: string) => sentence.split(":")[0];
    const silent = sentencesOf((c) => {
      delete c.environment;
      c.platform = {};
    });
    assert.deepEqual(silent.map(where), ["userAuth", "secrets", "database"]);
    for (const sentence of silent)
      assert.match(sentence, /since environment is production unless it is written otherwise/);
  });

  it("refuses values that leave one replica, or none when a node is drained", () => {
    assert.deepEqual(
      sentencesOf(inProduction, (c) => {
        c.platform.gatekeeper = {
          values: { gatekeeper: { replicas: "1", pdb: { controllerManager: { minAvailable: 0 } } } },
        };
        c.platform.gateway = { values: { gateway: { autoscaling: { enabled: false, minReplicas: 3 } } } };
        c.platform.istio = { values: { istiod: { pdb: null } } };
        c.platform.kagent = {
          values: {
            kagent: { controller: { replicas: 1, pdb: { enabled: false } }, ui: { replicas: null } },
          },
        };
      }),
      [
        ["gatekeeper.values.gatekeeper.replicas", FEW],
        ["gatekeeper.values.gatekeeper.pdb.controllerManager.minAvailable", OFF],
        ["istio.values.istiod.pdb", OFF],
        ["gateway.values.gateway.autoscaling.enabled", OFF],
        ["kagent.values.kagent.controller.replicas", FEW],
        ["kagent.values.kagent.ui.replicas", FEW],
        ["kagent.values.kagent.controller.pdb.enabled", OFF],
      ].map(([path, sentence]) => `platform.${path}: ${sentence}`),
    );
  });

  it("takes larger numbers, and development smaller ones", () => {
    const kagent = (replicas: number) => (c: Raw) => {
      c.platform.kagent = { values: { kagent: { controller: { replicas } } } };
    };
    devTopology(all(inProduction, kagent(3)));
    devTopology(kagent(1));
  });

  it("refuses a mesh that it installs without an authority of its own", () => {
    const [sentence, ...more] = sentencesOf(inProduction, (c) => {
      c.pki = "none";
    });
    assert.deepEqual(more, []);
    assert.match(
      sentence ?? "",
      /^pki: must be selfSigned or vault, since environment is production: istiod would/,
    );
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
        "secrets: must be vault, since database is external: nothing else could put its URL into kagent's namespace before kagent starts. | Write secrets: vault, and put the URL there as docs/operations.md says, or take the bundled database.",
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
