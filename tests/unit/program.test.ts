import * as assert from "node:assert/strict";
import { createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { plan } from "../../components/plan/plan";
import { readTopology } from "../../topology";
import { addAgent, devConfiguration, type Edit, type Raw } from "../support/dev";
import {
  isSecret,
  passwordOf,
  type Registered,
  type Run,
  revealed,
  runProgram,
  UNKNOWN,
  withKeys,
  withoutSecrets,
} from "../support/run-program";

const run = (edit?: Edit, preview = false): Promise<Run> =>
  runProgram(withKeys(devConfiguration(edit)), { preview });
const isReleaseType = ({ type }: Registered): boolean =>
  type === "kubernetes:helm.sh/v3:Release" || type === "kubernetes-cert-manager:index:CertManager";
const isKubernetes = (one: Registered): boolean => one.type.startsWith("kubernetes:") && !isReleaseType(one);
/** As in the plan. */
const keyOf = (one: Registered): string => {
  const { apiVersion, kind, metadata, helmOptions } = one.inputs;
  if (!isReleaseType(one)) return [apiVersion, kind, metadata.namespace ?? "", metadata.name].join("/");
  const { namespace, name } = helmOptions ?? one.inputs;
  return ["helm.sh/v3", "Release", namespace, name].join("/");
};
const ofType = ({ registered }: Run, ending: string): Registered[] =>
  registered.filter(({ type }) => type.endsWith(`:${ending}`));

describe("the program registers", () => {
  let shipped: Run;
  before(async () => {
    shipped = await run();
  });

  it("everything below one root component", () => {
    const parents = new Map(shipped.registered.map(({ urn, parent }) => [urn, parent]));
    const roots = shipped.registered.filter(({ parent }) => parent === "");
    assert.deepEqual(
      roots.map(({ type, name }) => [type, name]),
      [["kagent-a2a:index:GovernedAgents", "kagent-a2a"]],
    );
    for (const { urn } of shipped.registered) {
      let at = urn;
      for (let up = parents.get(at); up; up = parents.get(at)) at = up;
      assert.equal(at, roots[0]?.urn);
    }
  });

  it("components with a token of this program, and finishes each", () => {
    const components = shipped.registered.filter(
      ({ isComponent, type }) => isComponent && !type.startsWith("kubernetes-cert-manager:"),
    );
    for (const { type } of components) assert.match(type, /^kagent-a2a:[a-z-]+:[A-Z][A-Za-z]+$/);
    assert.equal(shipped.componentOutputs.length, components.length);
    assert.equal(ofType(shipped, "Tenant").length, 2);
  });

  it("exactly the releases and objects of the plan, with one provider, each waiting for what the plan says", () => {
    const objects = shipped.registered.filter((one) => isKubernetes(one) || isReleaseType(one));
    const keys = new Map(objects.map((one) => [one.urn, keyOf(one)]));
    const planned = plan(readTopology(devConfiguration()));
    assert.deepEqual([...keys.values()].sort(), planned.map(({ key }) => key).sort());
    for (const object of objects) {
      const due = planned.find(({ key }) => key === keyOf(object))?.dependsOn ?? [];
      const waits = object.dependsOn.map((urn) => keys.get(urn));
      for (const needed of due) assert.ok(waits.includes(needed), `${keyOf(object)} for ${needed}`);
    }
    const direct = objects.filter(({ isComponent }) => !isComponent);
    assert.equal(new Set(direct.map(({ provider }) => provider)).size, 1);
    assert.match(direct[0]?.provider ?? "", /::cluster::cluster-id$/);
    const [certManager, ...others] = objects.filter(({ isComponent }) => isComponent);
    assert.deepEqual(others, []);
    assert.match(certManager?.providers.kubernetes ?? "", /::cluster::cluster-id$/);
  });

  it("the typed resources of the provider, so that policies see its types", () => {
    for (const type of ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "kubernetes:core/v1:Namespace"])
      assert.ok(
        shipped.registered.some((one) => one.type === type),
        type,
      );
  });

  it("the same inputs for the same configuration", async () => {
    const inputs = ({ registered }: Run) =>
      registered.map(({ urn, inputs, dependsOn }) => [urn, inputs, [...dependsOn].sort()]).sort();
    assert.deepEqual(inputs(await run()), inputs(shipped));
  });
});

describe("the platform", () => {
  const protectedBy = ({ registered }: Run) =>
    registered.filter(({ protect }) => protect).map(({ name }) => name);

  it("refuses to be deleted where users' data would go with it, unless configuration says otherwise", async () => {
    const guarded: Edit = (c) => {
      c.pki = "selfSigned";
      c.platform.protect = true;
    };
    assert.deepEqual(protectedBy(await run(guarded)).sort(), [
      "platform-cert-manager/mesh-root",
      "platform-kagent/kagent-crds",
    ]);
    assert.deepEqual(protectedBy(await run()), []);
  });

  it("installs charts of exact versions, in namespaces of the stack, until they are ready", async () => {
    const { registered } = await run();
    const releases = registered.filter(isReleaseType).map(({ inputs }) => inputs.helmOptions ?? inputs);
    assert.equal(releases.length, 9);
    for (const release of releases) {
      assert.match(release.version, /^v?\d+\.\d+\.\d+$/);
      assert.ok(release.name.length > 0 && release.namespace.length > 0);
      assert.deepEqual([release.createNamespace, release.atomic, release.timeout], [false, false, 900]);
      assert.notEqual(release.chart.startsWith("oci://"), release.repositoryOpts !== undefined);
    }
  });

  it("gives cert-manager's component each value where it reaches the chart, and none twice", async () => {
    const all = await run((c) => {
      c.platform.certManager = {
        values: { "cert-manager": { webhook: { timeoutSeconds: 10 }, maxConcurrentChallenges: 5 } },
      };
    });
    const { helmOptions, ...args } = ofType(all, "CertManager")[0]?.inputs ?? {};
    assert.deepEqual(args, {
      cainjector: { replicaCount: 1 },
      global: { leaderElection: { namespace: "cert-manager" } },
      replicaCount: 1,
      webhook: { replicaCount: 1, timeoutSeconds: 10 },
    });
    assert.deepEqual(helmOptions.values, {
      crds: { enabled: true, keep: true },
      maxConcurrentChallenges: 5,
      podDisruptionBudget: { enabled: false },
    });
    assert.deepEqual(
      [helmOptions.chart, helmOptions.repositoryOpts, helmOptions.version],
      ["cert-manager", { repo: "https://charts.jetstack.io" }, "v1.21.2"],
    );
  });

  it("is upgraded chart by chart: one line changes one release", async () => {
    const changed = async (edit: Edit) => {
      const [before, after] = [await run(), await run(edit)];
      const inputsOf = ({ registered }: Run) =>
        new Map(registered.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
      const old = inputsOf(before);
      return [...inputsOf(after)]
        .filter(([urn, inputs]) => old.get(urn) !== inputs)
        .map(([urn]) => urn.split("::").at(-1));
    };
    assert.deepEqual(
      await changed((c) => {
        c.platform.gatekeeper = { version: "3.23.2" };
      }),
      ["platform-gatekeeper-system/gatekeeper"],
    );
    assert.deepEqual(
      await changed((c) => {
        c.platform.certManager = { version: "v1.21.3" };
      }),
      ["platform-cert-manager/cert-manager"],
    );
  });

  it("lets a new tenant's namespace wait for admission that knows it, and kagent for the namespace", async () => {
    const { registered } = await run((c) => {
      c.tenants.gamma = {};
    });
    const byUrn = new Map(registered.map((one) => [one.urn, one]));
    const behind = (one: Registered | undefined, seen = new Set<string>()): Set<string> => {
      for (const urn of one?.dependsOn ?? []) {
        if (seen.has(urn)) continue;
        seen.add(urn);
        behind(byUrn.get(urn), seen);
      }
      return seen;
    };
    const namespace = registered.find(
      ({ inputs }) => inputs.kind === "Namespace" && inputs.metadata.name === "gamma",
    );
    const constraint = registered.find(({ type }) => type.endsWith(":KagentA2ANamespaces"));
    const kagent = registered.find((one) => isReleaseType(one) && one.inputs.name === "kagent");
    assert.ok(namespace && constraint && kagent);
    assert.ok("gamma" in constraint.inputs.spec.parameters.governed);
    assert.ok(kagent.inputs.values.rbac.namespaces.includes("gamma"));
    assert.ok(behind(namespace).has(constraint.urn));
    assert.ok(behind(kagent).has(namespace.urn));
  });
});

describe("in a preview, where no key is known yet", () => {
  it("everything but keys and tokens is literal", async () => {
    const { registered } = await run(undefined, true);
    const unknown: string[] = [];
    for (const { inputs } of registered.filter(isKubernetes)) {
      const { stringData: _values, ...rest } = inputs;
      for (const rule of rest.spec?.jwtRules ?? []) delete rule.jwks;
      if (JSON.stringify(rest).includes(UNKNOWN))
        unknown.push(`${rest.kind} ${JSON.stringify(rest.metadata)}`);
    }
    assert.deepEqual(unknown, []);
    const agent = registered.find(({ inputs }) => inputs.metadata?.name === "orchestrator");
    assert.match(agent?.inputs.metadata.labels["kagent-a2a/token-fingerprint"], /^[0-9a-f]{16}$/);
  });
});

describe("secrets", () => {
  const rotating: Edit = (c) => {
    c.rotation = { current: "2", previous: "1" };
  };

  it("are marked as such in every Secret and every password", async () => {
    const all = await run(rotating);
    const secrets = ofType(all, "Secret");
    assert.equal(secrets.length, 3);
    for (const { name, inputs, secretOutputs } of secrets) {
      assert.ok(isSecret(inputs.stringData), name);
      for (const field of ["data", "stringData"]) assert.ok(secretOutputs.includes(field), name);
    }
    const passwords = ofType(all, "RandomPassword");
    assert.deepEqual(passwords.map(({ name }) => name).sort(), ["signing-keys-1", "signing-keys-2"]);
    for (const { secretOutputs } of passwords) assert.ok(secretOutputs.includes("result"));
  });

  it("are in plain nowhere else: no token, API key or password in any input or output", async () => {
    const { registered, componentOutputs, outputs } = await run(rotating);
    const visible = JSON.stringify(
      withoutSecrets([registered.map(({ inputs }) => inputs), componentOutputs, outputs]),
    );
    assert.ok(!visible.includes("key-of-"), "an API key");
    assert.doesNotMatch(visible, /eyJ[\w-]+\./, "a token");
    for (const name of ["signing-keys-1", "signing-keys-2"]) assert.ok(!visible.includes(passwordOf(name)));
    assert.doesNotMatch(visible, /"d\\*":/, "a private key");
    const everything = JSON.stringify(registered.map(({ inputs }) => inputs));
    assert.ok(everything.includes("key-of-team-alpha-for-gpt"), "what is looked for is there, in secret");
    assert.match(everything, /eyJ[\w-]+\./);
  });

  it("are in no error", async () => {
    const raw = withKeys(devConfiguration());
    await assert.rejects(runProgram(raw, { encrypted: [] }), (error: Error) => {
      assert.match(error.message, /apiKeys: holds API keys in plain text\./);
      return !error.message.includes("key-of-");
    });
  });

  it("are API keys alone: whatever else is encrypted would be registered in plain, and is refused", async () => {
    const raw = withKeys(devConfiguration());
    await assert.rejects(
      runProgram(raw, { encrypted: ["apiKeys", "models", "platform"] }),
      (error: Error & { registered: unknown[] }) => {
        const sentence =
          "is encrypted, and what it holds would stand in plain in the plan, the state and the cluster.\n      Write it in plain, without --secret; secret are apiKeys alone.";
        assert.equal(
          error.message,
          [
            "The stack configuration has 2 problems; nothing was deployed.",
            `  kagent-a2a:models: ${sentence}`,
            `  kagent-a2a:platform: ${sentence}`,
          ].join("\n"),
        );
        assert.deepEqual(error.registered, []);
        return true;
      },
    );
  });

  it("are asked for with the command that sets them in this stack", async () => {
    await assert.rejects(
      runProgram(devConfiguration()),
      /Run: pulumi config set --secret --path 'kagent-a2a:apiKeys\.team-alpha\.gpt' --stack test\n/,
    );
  });
});

describe("during a rotation", () => {
  const jwksOf = (all: Run): Raw[] =>
    ofType(all, "RequestAuthentication").map(({ inputs }) => JSON.parse(inputs.spec.jwtRules[0].jwks));
  const signer = (all: Run): string => {
    const secret = ofType(all, "Secret").find(
      ({ inputs }) => inputs.metadata.name === "orchestrator-a2a-tokens",
    );
    const [header = ""] = revealed(secret?.inputs.stringData)["team-beta.specialist"].split(".");
    return JSON.parse(Buffer.from(header, "base64url").toString()).kid;
  };
  const generations =
    (current: string, previous?: string): Edit =>
    (c) => {
      c.rotation = { current, ...(previous && { previous }) };
    };

  it("both public keys are published at gateway and callee, and the new one signs", async () => {
    const all = await run(generations("2", "1"));
    assert.equal(jwksOf(all).length, 2);
    for (const { keys } of jwksOf(all)) {
      assert.deepEqual(
        keys.map(({ kid }: Raw) => kid),
        ["kagent-a2a-2", "kagent-a2a-1"],
      );
      for (const key of keys)
        assert.equal(createPublicKey({ key, format: "jwk" }).asymmetricKeyType, "ed25519");
    }
    assert.equal(signer(all), "kagent-a2a-2");
  });

  it("the previous key is the one that signed before, so that tokens in use stay valid", async () => {
    const [before, during] = [await run(generations("1")), await run(generations("2", "1"))];
    assert.deepEqual(jwksOf(during)[0].keys[1], jwksOf(before)[0].keys[0]);
  });

  it("without an overlap the old key is gone", async () => {
    const [{ keys }] = jwksOf(await run(generations("2")));
    assert.deepEqual(
      keys.map(({ kid }: Raw) => kid),
      ["kagent-a2a-2"],
    );
  });

  it("the caller's Agent is rendered again, and no other", async () => {
    const labels = (all: Run) =>
      Object.fromEntries(ofType(all, "Agent").map(({ name, inputs }) => [name, inputs.metadata.labels]));
    const [before, after] = [labels(await run(generations("1"))), labels(await run(generations("2", "1")))];
    assert.notDeepEqual(after["team-alpha/orchestrator"], before["team-alpha/orchestrator"]);
    assert.deepEqual(after["team-beta/specialist"], before["team-beta/specialist"]);
  });
});

describe("a configuration that is wrong", () => {
  it("registers nothing", async () => {
    const raw = withKeys(devConfiguration());
    delete raw.apiKeys;
    raw.routing = "mesh";
    await assert.rejects(runProgram(raw), (error: Error & { registered: unknown[] }) => {
      assert.ok(pulumi.RunError.isInstance(error), "the engine would show a stack trace");
      assert.match(error.message, /^The stack configuration has 3 problems; nothing was deployed\./);
      assert.deepEqual(error.registered, []);
      return true;
    });
  });
});

describe("names of resources", () => {
  it("differ even where tenants and agents read alike, and a tenant is called like a layer", async () => {
    const { registered } = await run((c) => {
      for (const tenant of ["a", "a-b", "network", "token", "platform"])
        c.tenants[tenant] = { editors: ["x"] };
      addAgent("a/b-c", "a-b/c", "network/agent", "token/kagent", "platform/kagent")(c);
    });
    const urns = registered.map(({ urn }) => urn);
    assert.deepEqual(
      urns.filter((urn, index) => urns.indexOf(urn) !== index),
      [],
    );
  });
});

describe("the stack's outputs", () => {
  it("say who may talk to whom, by which objects, and who is who", async () => {
    const { outputs, registered } = await run();
    assert.deepEqual(outputs.tenants["team-alpha"], {
      namespace: "team-alpha",
      agents: ["orchestrator"],
      exposed: ["orchestrator"],
    });
    const delegation = outputs.delegations["team-alpha/orchestrator -> team-beta/specialist"];
    assert.deepEqual(delegation.token, {
      issuer: "kagent-a2a",
      subject: "team-alpha.orchestrator",
      audience: "team-beta.specialist",
    });
    assert.deepEqual(Object.keys(delegation.enforcedBy).sort(), [
      "admission",
      "identity",
      "network",
      "rbac",
      "reconciler",
      "token",
    ]);
    const there = new Set(registered.filter(isKubernetes).map(keyOf));
    for (const keys of Object.values<string[]>(delegation.enforcedBy)) {
      assert.ok(keys.length > 0);
      for (const key of keys) assert.ok(there.has(key), key);
    }
    assert.equal(outputs.principals["team-beta/specialist"], "cluster.local/ns/team-beta/sa/specialist-sa");
    assert.equal(outputs.principals["a2a-gateway"], "cluster.local/ns/kagent/sa/a2a-gateway");
    assert.match(outputs.auditPolicy, /kind: Policy/);
    assert.match(outputs.graph, /^flowchart LR/);
  });

  it("name no gateway where routing is direct", async () => {
    const { outputs } = await run((c) => {
      c.routing = "direct";
    });
    assert.equal(outputs.routing, "direct");
    assert.ok(!("a2a-gateway" in outputs.principals));
  });
});
