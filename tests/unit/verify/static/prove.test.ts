import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { plan } from "../../../../components/plan/plan";
import type { VerifyLayer } from "../../../../verify/result";
import { identityMatrix } from "../../../../verify/static/matrix";
import { type Doc, Objects } from "../../../../verify/static/objects";
import { prove } from "../../../../verify/static/prove";
import { addAgent, devTopology, type Edit } from "../../../support/dev";
import { routed } from "../../../support/dev-objects";

const root = join(__dirname, "../../../..");

/** What fails once somebody changed the planned objects: `<layer>: <subject>: <detail>`. */
function failures(change: (objects: Doc[]) => Doc[], edit?: Edit): string[] {
  const topology = devTopology(edit);
  const manifests: Doc[] = structuredCloneOf(plan(topology).map(({ manifest }) => manifest));
  return prove(topology, new Objects(change(manifests)))
    .results.filter(({ status }) => status === "fail")
    .map(({ layer, subject, detail }) => `${layer}: ${subject}: ${detail}`);
}
/** Engine values must stay what they are; only what a test changes is copied. */
const structuredCloneOf = (manifests: Doc[]): Doc[] =>
  manifests.map((manifest) =>
    ["Secret", "RequestAuthentication"].includes(manifest.kind) ? manifest : structuredClone(manifest),
  );

const find = (objects: Doc[], text: string): Doc => {
  const [kind, path = ""] = text.split(" ");
  const [name, namespace] = path.split("/").reverse();
  const found = objects.find(
    (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
  );
  assert.ok(found, text);
  return found;
};
const without = (text: string) => (objects: Doc[]) => objects.filter((one) => one !== find(objects, text));
const changed = (text: string, change: (object: Doc) => void) => (objects: Doc[]) => {
  change(find(objects, text));
  return objects;
};
const layersOf = (found: readonly string[]) => [
  ...new Set(found.map((text) => text.split(":")[0] as VerifyLayer)),
];

describe("a proof that does not hold", () => {
  it("names the cell that is open, and the policies that open it", () => {
    const found = failures(
      changed("NetworkPolicy team-beta/agent-specialist", ({ spec }) => {
        delete spec.ingress[0].from;
      }),
    );
    assert.deepEqual(layersOf(found), ["network"]);
    assert.equal(found.length, 1);
    assert.match(
      found[0] ?? "",
      /^network: .+ -> team-beta\/specialist TCP\/8080 and \d+ more: is open and not declared: NetworkPolicy team-beta\/agent-specialist \(ingress\)$/,
    );
  });

  it("names the cell that is closed, and the end that closes it", () => {
    const found = failures(without("NetworkPolicy kagent/a2a-gateway.team-beta"));
    assert.ok(
      found.includes(
        "network: kagent/a2a-gateway -> team-beta/specialist TCP/8080: is declared and closed: no NetworkPolicy lets it out of kagent/a2a-gateway",
      ),
      found.join("\n"),
    );
    assert.ok(
      found.some(
        (text) =>
          text.startsWith("agreement: team-alpha/orchestrator -> team-beta/specialist: ") &&
          text.endsWith("network did not"),
      ),
      found.join("\n"),
    );
  });

  it("names the end that nothing isolates", () => {
    const found = failures((objects) =>
      objects.filter(({ kind, metadata }) => kind !== "NetworkPolicy" || metadata.namespace !== "team-beta"),
    );
    assert.ok(
      found.some((text) => text.includes("no NetworkPolicy isolates team-beta/specialist for ingress")),
    );
  });

  it("names the request that needs no token any more", () => {
    const found = failures(
      changed("AuthorizationPolicy team-beta/agent-specialist", ({ spec }) => {
        delete spec.rules[0].from[0].source.requestPrincipals;
        delete spec.rules[0].when;
      }),
    );
    assert.ok(
      found.includes(
        "identity: kagent/a2a-gateway -> team-beta/specialist port 8080, without a token: is let through and not declared: AuthorizationPolicy team-beta/agent-specialist",
      ),
      found.join("\n"),
    );
  });

  it("names what refuses a declared request", () => {
    const refused = (change: (objects: Doc[]) => Doc[]) =>
      failures(change).filter(
        (text) => text.includes("for specialist.team-beta") && text.startsWith("identity"),
      );
    const request =
      "identity: team-alpha/orchestrator -> kagent/a2a-gateway port 8083, for specialist.team-beta, with the token of team-alpha.orchestrator for team-beta.specialist: is declared and refused: ";
    assert.deepEqual(refused(without("AuthorizationPolicy kagent/a2a-gateway.team-beta")), [
      `${request}no AuthorizationPolicy lets it into kagent/a2a-gateway`,
    ]);
    assert.deepEqual(refused(without("RequestAuthentication kagent/a2a-gateway")), [
      `${request}no RequestAuthentication of kagent/a2a-gateway checks its token`,
    ]);
    const deny = {
      kind: "AuthorizationPolicy",
      metadata: { name: "no", namespace: "istio-system" },
      spec: { action: "DENY", rules: [{ from: [{ source: { namespaces: ["team-alpha"] } }] }] },
    };
    assert.deepEqual(
      refused((objects) => [...objects, deny]),
      [`${request}denied by AuthorizationPolicy istio-system/no`],
    );
  });

  it("shows in the matrix what nobody's name stands for", () => {
    const topology = devTopology();
    const objects = structuredCloneOf(plan(topology).map(({ manifest }) => manifest));
    find(objects, "AuthorizationPolicy team-beta/agent-specialist").spec.rules.push({});
    const { identity } = prove(topology, new Objects(objects));
    assert.ok(identity);
    const rows = identityMatrix(identity).filter((line) => line.trimStart().startsWith("anybody"));
    assert.equal(rows.length, 1);
    assert.match(rows[0] ?? "", /yes/);
  });

  it("names pods that only a selector speaks of", () => {
    const debug = (namespace: string) => (objects: Doc[]) => [
      ...objects,
      {
        kind: "AuthorizationPolicy",
        metadata: { name: "debug", namespace },
        spec: { selector: { matchLabels: { app: "debug" } }, rules: [{}] },
      },
    ];
    for (const namespace of ["team-beta", "istio-system"])
      assert.ok(
        failures(debug(namespace)).some((text) =>
          /team-beta\/\(pods with {"app":"debug"}\) port .* is let through and not declared/.test(text),
        ),
      );
  });

  it("names the workload that takes plaintext", () => {
    const found = failures(without("PeerAuthentication team-beta/default"));
    assert.ok(
      found.some((text) => text.startsWith("identity: team-beta/specialist: port 8080 is PERMISSIVE")),
    );
  });

  it("takes the first route of the oldest VirtualService, and does not guess at one by other means", () => {
    const detour = (spec: Doc, created: string): Doc => ({
      kind: "VirtualService",
      metadata: { name: "detour", namespace: "kagent", creationTimestamp: created },
      spec: { hosts: ["*"], gateways: ["kagent/a2a-gateway"], http: [spec] },
    });
    const elsewhere = { route: [{ destination: { host: "elsewhere.example", port: { number: 8080 } } }] };
    const dated = (objects: Doc[]) => {
      for (const one of objects)
        if (one.kind === "VirtualService") one.metadata.creationTimestamp = "2026-01-01T00:00:00Z";
      return objects;
    };
    const forCallee = {
      ...elsewhere,
      match: [{ headers: { "x-kagent-host": { exact: "specialist.team-beta" } } }],
    };
    const older = failures((objects) => [detour(forCallee, "2025-01-01T00:00:00Z"), ...dated(objects)]);
    assert.deepEqual(layersOf(older), ["agreement"]);
    assert.match(older[0] ?? "", /identity did not$/);
    // A younger one is behind ours; one without a match is behind all others, however old.
    for (const [route, created] of [
      [forCallee, "2026-02-01T00:00:00Z"],
      [elsewhere, "2025-01-01T00:00:00Z"],
    ] as const)
      assert.deepEqual(
        failures((objects) => [detour(route, created), ...dated(objects)]),
        [],
      );
    const byPath = { ...elsewhere, match: [{ uri: { prefix: "/" } }] };
    assert.match(
      failures((objects) => [detour(byPath, "2025-01-01T00:00:00Z"), ...dated(objects)])[0] ?? "",
      /VirtualService kagent\/detour matches by something else than one x-kagent-host: nothing can be proved/,
    );
  });

  it("takes another DestinationRule for the gateway only where it changes how callers speak to it", () => {
    const rule = (namespace: string, trafficPolicy?: Doc) => (objects: Doc[]) => [
      {
        kind: "DestinationRule",
        metadata: { name: "another", namespace },
        spec: { host: "a2a-gateway.kagent.svc.cluster.local", trafficPolicy },
      },
      ...objects,
    ];
    assert.deepEqual(failures(rule("kagent")), []);
    assert.deepEqual(layersOf(failures(rule("team-alpha", { tls: { mode: "DISABLE" } }))), ["agreement"]);
  });

  it("names the object that says something unknown, and does not guess", () => {
    const found = failures(
      changed("AuthorizationPolicy team-beta/agent-specialist", ({ spec }) => {
        spec.rules[0].when = [{ key: "request.weather", values: ["fine"] }];
      }),
    );
    assert.deepEqual(found, [
      "identity: all cells: an authorization rule has the condition request.weather: nothing can be proved about what it governs",
    ]);
  });

  for (const routing of ["gateway", "direct"] as const)
    it(`names the delegation on which layers disagree, and the layers, routing ${routing}`, () => {
      const edit: Edit = (configuration) => {
        addAgent("team-beta/analyst")(configuration);
        routed(routing)(configuration);
      };
      const admitted = failures(
        changed("KagentA2AAgents kagent-a2a-agents", ({ spec }) => {
          spec.parameters.delegations["team-alpha/orchestrator"].push("team-beta/analyst");
        }),
        edit,
      );
      assert.equal(admitted.length, 1);
      assert.match(
        admitted[0] ?? "",
        /^agreement: team-alpha\/orchestrator -> team-beta\/analyst: admission let it through; graph, reconciler, network, identity did not$/,
      );
      const opened = failures(
        changed("Agent team-beta/specialist", ({ spec }) => {
          spec.allowedNamespaces = { from: "All" };
        }),
        edit,
      );
      assert.ok(
        opened.includes(
          "agreement: anybody in kagent -> team-beta/specialist: reconciler let it through; graph, admission, network, identity did not",
        ),
        opened.join("\n"),
      );
    });
});

describe("npm run verify -- --static", () => {
  const command = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", join(root, "verify", "cli.ts"), "--static", ...args], {
      encoding: "utf8",
      cwd: root,
    });

  it("prints the matrix of the shipped stack, and exits 0", () => {
    const { status, stdout, stderr } = command("--stack", "dev");
    assert.equal(stderr, "");
    assert.equal(status, 0);
    assert.match(stdout, /^ {2}kagent\/a2a-gateway .* 8080$/m);
    assert.match(stdout, /^ {2}rogue pods( +·)+$/m);
    assert.match(stdout, /0 failed, 0 not answerable here/);
  });

  it("prints its results also where the JUnit file cannot be written", () => {
    const { status, stdout, stderr } = command("--junit", "/nowhere/at/all.xml");
    assert.match(stdout, /0 failed/);
    assert.match(stderr, /^\/nowhere\/at\/all\.xml: the file cannot be written \(ENOENT\)\./);
    assert.equal(status, 2);
  });

  it("prints every open cell as JSON, of the layers that are asked for", () => {
    const { stdout } = command("--json", "--only", "agreement");
    const { results, open } = JSON.parse(stdout);
    assert.deepEqual(
      results.map(({ subject, status }: Doc) => [subject, status]),
      [["team-alpha/orchestrator -> team-beta/specialist", "pass"]],
    );
    assert.ok(open.connections.includes("kagent/a2a-gateway -> team-beta/specialist TCP/8080"));
  });
});
