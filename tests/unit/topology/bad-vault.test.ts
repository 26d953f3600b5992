import * as assert from "node:assert/strict";
import { readTopology } from "../../../topology";
import { withVault } from "../../support/configurations";
import { devConfiguration } from "../../support/dev";
import { sentencesOf } from "../../support/sentences";

describe("secrets from Vault are refused", () => {
  it("without a Vault", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.secrets = "vault";
      }),
      [
        "vault: is missing, and secrets is vault. | Add vault.address, vault.auth.role and vault.auth.audience, or change that key.",
      ],
    );
  });

  it("without address, role and audience, all at once", () => {
    assert.deepEqual(
      sentencesOf((c) => {
        c.secrets = "vault";
        c.vault = { auth: {} };
      }),
      [
        "vault.address: is missing. | Add a text: Address of Vault; https in production.",
        "vault.auth.role: is missing. | Add a text: Vault role of each tenant; must contain `{tenant}`, which stands for the tenant's name.",
        "vault.auth.audience: is missing. | Add a text: Audience of the service account token that the role demands (`audience`); may contain `{tenant}`.",
      ],
    );
  });

  it("with one role for all tenants", () => {
    assert.deepEqual(
      sentencesOf(withVault, (c) => {
        c.vault.auth.role = "kagent";
      }),
      [
        "vault.auth.role: does not contain {tenant}: every tenant would sign in to Vault as the same role and read the others' keys. | Write for example kagent-a2a-{tenant}, and give each tenant a role of its own in Vault.",
      ],
    );
  });

  it("over http in production, and with addresses that are none", () => {
    const [plain] = sentencesOf(withVault, (c) => {
      c.environment = "production";
      c.vault.address = "http://vault.example.com:8200";
    });
    assert.equal(
      plain,
      "vault.address: is http: tokens and API keys would cross the network in plain text. | Write the https address of Vault, and vault.caBundle when its certificate is private.",
    );
    for (const address of ["vault.example.com", "https://vault.example.com/v1", "ftp://vault"])
      assert.match(
        sentencesOf(withVault, (c) => {
          c.vault.address = address;
        }).join(),
        /^vault.address: ".*" must be an address such as https:\/\/vault.example.com:8200, without a path\. \|/,
      );
  });

  it("with a certificate that is none, and refreshed less than daily", () => {
    const sentences = sentencesOf(withVault, (c) => {
      c.vault.caBundle = "aGVsbG8=";
      c.vault.refreshMinutes = 1441;
    });
    assert.deepEqual(sentences, [
      'vault.caBundle: "aGVsbG8=" must be the base64 of a PEM certificate. | Base64 of the PEM certificates that sign Vault\'s own. Default: the public authorities.',
      "vault.refreshMinutes: is more than 1440. | Minutes after which External Secrets reads a key again: at most a day.",
    ]);
  });
});

describe("with secrets from Vault", () => {
  const nothing = { has: () => false, encrypted: undefined };

  it("no API key is asked for", () => {
    assert.throws(() => readTopology(devConfiguration(), nothing), /has no API key/);
    assert.equal(readTopology(devConfiguration(withVault), nothing).secrets, "vault");
  });

  it("keys in plain text are refused all the same", () => {
    assert.throws(
      () => readTopology(devConfiguration(withVault), { ...nothing, encrypted: false }),
      /holds API keys in plain text/,
    );
  });
});
