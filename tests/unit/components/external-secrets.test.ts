import * as assert from "node:assert/strict";
import { plan } from "../../../components/plan/plan";
import { readTopology } from "../../../topology";
import { all, withVault } from "../../support/configurations";
import { devConfiguration, type Edit } from "../../support/dev";

const planOf = (...edits: Edit[]) => plan(readTopology(devConfiguration(all(...edits))));
const objectsOf = (...edits: Edit[]) => planOf(...edits).map(({ manifest }) => manifest);
// biome-ignore lint/suspicious/noExplicitAny: a test reads any field
type Any = any;
const find = (kind: string, id: string, ...edits: Edit[]): Any => {
  const [namespace, name] = id.split("/");
  const found = objectsOf(...edits).find(
    ({ kind: k, metadata }) => k === kind && metadata.namespace === namespace && metadata.name === name,
  );
  assert.ok(found, `${kind} ${id} is not planned`);
  return found;
};

describe("API keys from Vault", () => {
  it("are written by External Secrets alone: the program writes no API key Secret", () => {
    const secrets = objectsOf(withVault).filter(({ kind }) => kind === "Secret");
    assert.deepEqual(
      secrets.map(({ metadata }) => metadata.name),
      ["orchestrator-a2a-tokens"],
    );
    assert.deepEqual(
      objectsOf(withVault)
        .filter(({ kind }) => kind === "ExternalSecret")
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      ["team-alpha/gpt-api-key-vault", "team-beta/gpt-api-key-vault"],
    );
  });

  it("come with a role, an audience and a path of each tenant's own, all of them literal", () => {
    for (const tenant of ["team-alpha", "team-beta"]) {
      const { kubernetes } = find("SecretStore", `${tenant}/vault`, withVault).spec.provider.vault.auth;
      assert.deepEqual(kubernetes, {
        mountPath: "kubernetes",
        role: `kagent-a2a-${tenant}`,
        serviceAccountRef: {
          name: "external-secrets.vault",
          audiences: [`https://vault.example.com/${tenant}`],
        },
      });
      const { data, refreshInterval, target } = find(
        "ExternalSecret",
        `${tenant}/gpt-api-key-vault`,
        withVault,
      ).spec;
      assert.deepEqual(data, [
        { secretKey: "apiKey", remoteRef: { key: `kagent-a2a/${tenant}/gpt`, property: "apiKey" } },
      ]);
      assert.equal(refreshInterval, "1h0m0s");
      assert.deepEqual([target.creationPolicy, target.deletionPolicy], ["Owner", "Retain"]);
    }
  });

  it("may be minted a token for by the operator alone", () => {
    assert.deepEqual(find("Role", "team-alpha/external-secrets.vault-token", withVault).rules, [
      {
        apiGroups: [""],
        resources: ["serviceaccounts/token"],
        resourceNames: ["external-secrets.vault"],
        verbs: ["create"],
      },
    ]);
    assert.deepEqual(find("RoleBinding", "team-alpha/external-secrets.vault-token", withVault).subjects, [
      { kind: "ServiceAccount", name: "external-secrets", namespace: "external-secrets" },
    ]);
  });

  it("are refreshed as often as is written, in Go's own spelling", () => {
    for (const [minutes, text] of [
      [1, "1m0s"],
      [90, "1h30m0s"],
      [1440, "24h0m0s"],
    ] as const) {
      const { spec } = find("ExternalSecret", "team-alpha/gpt-api-key-vault", withVault, (c) => {
        c.vault.refreshMinutes = minutes;
      });
      assert.equal(spec.refreshInterval, text);
    }
  });

  it("leave a tenant without keys without a store", () => {
    const kinds = objectsOf(withVault, (c) => {
      c.models.gpt.apiKey = false;
    }).map(({ kind }) => kind);
    assert.ok(!kinds.includes("SecretStore") && !kinds.includes("ExternalSecret"));
  });

  it("are known to admission by the name of the Secret in use", () => {
    const text = (...edits: Edit[]) =>
      JSON.stringify(
        objectsOf(...edits).filter(
          ({ kind }) => /Constraint|Kagent|A2A/.test(kind) || kind.includes("onfig"),
        ),
      );
    assert.ok(text(withVault).includes("gpt-api-key-vault"));
    assert.ok(!text().includes("gpt-api-key-vault"));
  });

  it("let no editor of a team write stores or external secrets", () => {
    const editors = objectsOf(withVault).filter(
      ({ kind, metadata }) => kind === "Role" && metadata.name === "team-editor",
    );
    assert.equal(editors.length, 2);
    assert.ok(!JSON.stringify(editors).includes("external-secrets"));
  });
});

/** The engine creates and updates in dependency order, and deletes what is no longer planned only after all of that. */
describe("switching the writer of API keys", () => {
  for (const [what, before, after] of [
    ["to Vault", [], [withVault]],
    ["back", [withVault], []],
  ] as const)
    it(`${what} never leaves a ModelConfig without its Secret, nor a Secret with two writers`, () => {
      const old = new Map(planOf(...before).map((planned) => [planned.key, planned]));
      const wanted = planOf(...after);
      const isWriter = (kind: string) => kind === "ExternalSecret" || kind === "Secret";
      const targets = (list: Iterable<{ manifest: Any }>) =>
        [...list].flatMap(({ manifest }) =>
          isWriter(manifest.kind) && /api-key/.test(manifest.metadata.name)
            ? [`${manifest.metadata.namespace}/${manifest.metadata.name}`]
            : [],
        );
      const both = [...targets(old.values()), ...targets(wanted)];
      assert.equal(new Set(both).size, both.length, "one Secret has two writers");
      for (const { manifest, dependsOn } of wanted.filter(
        ({ manifest }) => manifest.kind === "ModelConfig",
      )) {
        const { apiKeySecret } = manifest.spec as { apiKeySecret: string };
        const writers = wanted.filter(
          ({ manifest: m }) =>
            isWriter(m.kind) &&
            m.metadata.name === apiKeySecret &&
            m.metadata.namespace === manifest.metadata.namespace,
        );
        assert.equal(writers.length, 1);
        assert.ok(
          dependsOn.includes(writers[0]?.key ?? ""),
          "the ModelConfig is changed before its Secret is there",
        );
      }
    });
});
