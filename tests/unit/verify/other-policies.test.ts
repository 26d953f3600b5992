import assert from "node:assert/strict";
import { type Context, runCheck } from "../../../verify/checks/check";
import { otherPolicies, POLICY_KINDS } from "../../../verify/checks/other-policies";
import { CannotRun } from "../../../verify/errors";
import { MissingRight } from "../../../verify/live/cluster";
import { type Doc, Objects } from "../../../verify/static/objects";
import { devTopology } from "../../support/dev";

const POLICY = "policy.networking.k8s.io/v1alpha1";
const CALICO = "crd.projectcalico.org/v1";
const PAST = "past the stack's NetworkPolicies; remove it";
const everywhere = (key: string) =>
  `traffic of kagent, team-alpha, team-beta ${PAST}, or have it leave out these namespaces by ${key}`;
const only = (namespace: string, key: string) =>
  `traffic of ${namespace} ${PAST}, or have it leave out these namespaces by ${key}`;

const object = (apiVersion: string, kind: string, spec: Doc, namespace?: string): Doc => ({
  apiVersion,
  kind,
  metadata: { name: "other", ...(namespace !== undefined && { namespace }) },
  spec,
});
const namespaces = ["kagent", "team-alpha", "team-beta", "shop"].map((name) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: name.startsWith("team-") ? { tier: "agents", team: name } : {} },
}));

describe("network policies of other kinds", () => {
  /** @param served what the cluster has; a group with an error answers so */
  async function found(
    served: readonly Doc[],
    broken: Readonly<Record<string, Error>> = {},
    apiService: Doc = { code: 200, body: { spec: { service: { name: "calico-api" } } } },
  ) {
    const native = served.filter(({ apiVersion }) => apiVersion === "networking.k8s.io/v1");
    const cluster = {
      get: async ({ kind, metadata }: Doc) => {
        assert.deepEqual([kind, metadata.name], ["APIService", "v3.projectcalico.org"]);
        return apiService;
      },
      listOfGroup: async (group: string, kind: string) => {
        if (broken[group] !== undefined) throw broken[group];
        return served.filter((one) => one.apiVersion.startsWith(`${group}/`) && one.kind === kind);
      },
    };
    const live = { objects: new Objects([...namespaces, ...native]) };
    const context = { topology: devTopology(), cluster, live } as unknown as Context;
    const results = await runCheck(otherPolicies, context);
    return results.map(({ status, subject, detail }) => `${status} ${subject}: ${detail}`);
  }
  const says = async (one: Doc, detail: string) => {
    const place = one.metadata.namespace === undefined ? "" : `${one.metadata.namespace}/`;
    const subject = `${one.kind} ${place}other (${one.apiVersion})`;
    assert.deepEqual(await found([one]), [`fail ${subject}: ${detail}`]);
  };
  const saysNothing = async (...all: readonly Doc[]) =>
    assert.deepEqual(await found(all), ["pass governed namespaces: 3 of them"]);

  it("that are not there, or are about others, are not told of", async () => {
    await saysNothing();
    await saysNothing(
      object("cilium.io/v2", "CiliumNetworkPolicy", { ingress: [{ fromEndpoints: [{}] }] }, "shop"),
    );
    await saysNothing(object(CALICO, "NetworkPolicy", { ingress: [{ action: "Allow" }] }, "shop"));
  });

  describe("AdminNetworkPolicy and ClusterNetworkPolicy", () => {
    const KEY = "kubernetes.io/metadata.name";
    const anp = (subject: Doc, action = "Allow") =>
      object(POLICY, "AdminNetworkPolicy", { subject, ingress: [{ action: "Deny" }, { action }] });
    const named = (operator: string, ...values: string[]) => ({
      namespaces: { matchExpressions: [{ key: KEY, operator, values }] },
    });

    it("count when they allow, whatever NetworkPolicies say", async () => {
      await says(anp({ namespaces: {} }), `allows ${everywhere(KEY)}`);
      await saysNothing(anp({ namespaces: {} }, "Deny"), anp({ namespaces: {} }, "Pass"));
      const cnp = (tier: string) =>
        object("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", {
          tier,
          subject: { namespaces: {} },
          egress: [{ action: "Accept" }],
        });
      await says(cnp("Admin"), `allows ${everywhere(KEY)}`);
      await saysNothing(cnp("Baseline"));
      // The older kind has no tiers.
      const { spec, ...rest } = anp({ namespaces: {} });
      await says({ ...rest, spec: { ...spec, tier: "Baseline" } }, `allows ${everywhere(KEY)}`);
    });

    it("are about the namespaces whose labels they select", async () => {
      await says(anp(named("In", "shop", "team-beta")), `allows ${only("team-beta", KEY)}`);
      await says(anp(named("NotIn", "team-alpha", "team-beta")), `allows ${only("kagent", KEY)}`);
      await says(
        anp({ namespaces: { matchLabels: { team: "team-alpha" } } }),
        `allows ${only("team-alpha", KEY)}`,
      );
      await saysNothing(anp(named("In", "shop")), anp({ namespaces: { matchLabels: { tier: "web" } } }));
    });

    it("may be about pods that nobody here knows", async () => {
      const pods = (namespaceSelector: Doc, podSelector: Doc) =>
        anp({ pods: { namespaceSelector, podSelector } });
      const team = { matchLabels: { team: "team-beta" } };
      await says(pods(team, { matchLabels: { app: "x" } }), `may allow ${only("team-beta", KEY)}`);
      await says(pods(team, {}), `allows ${only("team-beta", KEY)}`);
      await saysNothing(pods({ matchLabels: { tier: "web" } }, {}));
      await says(anp({ others: {} }), `may allow ${everywhere(KEY)}`);
      await says(
        anp({ namespaces: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] } }),
        `may allow ${everywhere(KEY)}`,
      );
    });
  });

  describe("CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy", () => {
    const KEY = "io.kubernetes.pod.namespace";
    const API = "cilium.io/v2";
    const opening = { fromEntities: ["cluster"] };
    const ccnp = (matchLabels: Doc, ...matchExpressions: Doc[]) =>
      object(API, "CiliumClusterwideNetworkPolicy", {
        endpointSelector: { matchLabels, matchExpressions },
        ingress: [opening],
      });

    it("count when a rule of theirs allows something", async () => {
      const cnp = (spec: Doc) => object(API, "CiliumNetworkPolicy", spec, "team-beta");
      await says(cnp({ endpointSelector: {}, ingress: [opening] }), `allows traffic ${PAST}`);
      await says(
        cnp({ endpointSelector: {}, egress: [{ toPorts: [{ ports: [{ port: "443" }] }] }] }),
        `allows traffic ${PAST}`,
      );
      await says(
        { ...cnp(undefined), specs: [{ endpointSelector: {}, egress: [{ toCIDR: ["0.0.0.0/0"] }] }] },
        `allows traffic ${PAST}`,
      );
      // Default deny, as Cilium writes it.
      await saysNothing(cnp({ endpointSelector: {}, ingress: [{}], egress: [{}] }));
      await saysNothing(cnp({ endpointSelector: {}, ingressDeny: [opening], egressDeny: [{}] }));
      await saysNothing(cnp({ endpointSelector: {}, ingress: [{ fromEndpoints: [] }] }));
      await saysNothing(cnp({ endpointSelector: {}, ingress: [{ fromRequires: [{}] }] }));
    });

    it("are about the namespaces that their selector names, by name or label", async () => {
      await says(ccnp({}), `allows ${everywhere(KEY)}`);
      await says(
        ccnp({ "k8s:io.kubernetes.pod.namespace": "team-beta" }),
        `allows ${only("team-beta", KEY)}`,
      );
      await says(
        ccnp({}, { key: KEY, operator: "NotIn", values: ["team-alpha", "team-beta"] }),
        `allows ${only("kagent", KEY)}`,
      );
      await says(
        ccnp({ "k8s:io.cilium.k8s.namespace.labels.team": "team-alpha" }),
        `allows ${only("team-alpha", KEY)}`,
      );
      await saysNothing(ccnp({ [KEY]: "shop" }), ccnp({ "io.cilium.k8s.namespace.labels.team": "web" }));
      await saysNothing(
        object(API, "CiliumClusterwideNetworkPolicy", { nodeSelector: {}, ingress: [opening] }),
      );
      await saysNothing(
        ccnp({ "reserved:ingress": "" }),
        ccnp({}, { key: "reserved:health", operator: "Exists" }),
      );
    });

    it("may be about pods whose labels nobody here knows", async () => {
      await says(ccnp({ app: "x" }), `may allow ${everywhere(KEY)}`);
      await says(ccnp({ app: "x", [KEY]: "team-beta" }), `may allow ${only("team-beta", KEY)}`);
      await says(ccnp({ "reserved:init": "" }), `may allow ${everywhere(KEY)}`);
      // Cilium may have been told not to know this label.
      await says(
        ccnp({}, { key: "io.cilium.k8s.namespace.labels.tier", operator: "DoesNotExist" }),
        `may allow ${everywhere(KEY)}`,
      );
    });
  });

  describe("Calico's NetworkPolicy and GlobalNetworkPolicy", () => {
    const KEY = "projectcalico.org/name";
    const inBeta = (spec: Doc) => object(CALICO, "NetworkPolicy", spec, "team-beta");
    const global = (spec: Doc) =>
      object(CALICO, "GlobalNetworkPolicy", { ingress: [{ action: "Allow" }], ...spec });
    const about = (namespaceSelector: string) => global({ namespaceSelector });

    it("count when they allow, in whatever order, or pass on what NetworkPolicies would deny", async () => {
      await says(inBeta({ order: 5000, ingress: [{ action: "Allow" }] }), `allows traffic ${PAST}`);
      await says(inBeta({ tier: "platform", egress: [{ action: "Allow" }] }), `allows traffic ${PAST}`);
      await says(inBeta({ egress: [{ action: "Pass" }] }), `allows traffic ${PAST}`);
      await saysNothing(inBeta({ tier: "platform", egress: [{ action: "Pass" }] }));
      await saysNothing(inBeta({ ingress: [{ action: "Log" }, { action: "Deny" }] }));
      await saysNothing(global({ doNotTrack: true }), global({ preDNAT: true }));
      // Fields that only the other kind has.
      for (const field of ["doNotTrack", "preDNAT"])
        await says(inBeta({ [field]: true, ingress: [{ action: "Allow" }] }), `allows traffic ${PAST}`);
      // No name is the name of the tier of NetworkPolicies.
      await says(inBeta({ tier: "", egress: [{ action: "Pass" }] }), `allows traffic ${PAST}`);
    });

    it("are about the namespaces that they select", async () => {
      await says(global({}), `allows ${everywhere(KEY)}`);
      for (const selector of [
        "team == 'team-alpha'",
        'has(team) && team != "team-beta"',
        "projectcalico.org/name in {'team-alpha', \"shop\"}",
        "projectcalico.org/name not in { 'kagent' } && all() && team not in {'team-beta'}&&has( tier )",
        "kubernetes.io/metadata.name=='team-alpha'",
      ])
        await says(about(selector), `allows ${only("team-alpha", KEY)}`);
      await says(about("! has(team)"), `allows ${only("kagent", KEY)}`);
      for (const selector of ["tier == 'web'", "projectcalico.org/name in {'shop'}", "has(a) && has(team)"])
        await saysNothing(about(selector));
      await saysNothing(global({ selector: "projectcalico.org/namespace == 'shop'" }));
    });

    it("may be about what their selector says otherwise", async () => {
      await says(global({ selector: "app == 'x'" }), `may allow ${everywhere(KEY)}`);
      await says(
        global({ namespaceSelector: "has(team)", selector: "projectcalico.org/namespace != 'team-beta'" }),
        `allows ${only("team-alpha", KEY)}`,
      );
      await says(
        global({ namespaceSelector: "team == 'team-beta'", serviceAccountSelector: "all()" }),
        `may allow ${only("team-beta", KEY)}`,
      );
      for (const selector of [
        "team == 'x' || all()",
        "!(team == 'x')",
        "team starts with 'x'",
        "team == 'x' &&",
        "teamin{'x'}",
        // A text that looks like a term.
        `team != "x && team == 'x' && x"`.replace("!=", "contains"),
      ])
        await says(about(selector), `may allow ${everywhere(KEY)}`);
      await says(about(`team != "x && team == 'x' && x"`), `allows ${everywhere(KEY)}`);
    });

    it("are told of once, though two APIs show them", async () => {
      const stored = inBeta({ ingress: [{ action: "Allow" }] });
      const shown = { ...stored, apiVersion: "projectcalico.org/v3" };
      assert.deepEqual(await found([stored, shown]), [
        `fail NetworkPolicy team-beta/other (projectcalico.org/v3): allows traffic ${PAST}`,
      ]);
    });

    it("are told of though the other API shows them as if they denied", async () => {
      const open = inBeta({ ingress: [{ action: "Allow" }] });
      const closed = { ...inBeta({ ingress: [{ action: "Deny" }] }), apiVersion: "projectcalico.org/v3" };
      const expected = [`fail NetworkPolicy team-beta/other (${CALICO}): allows traffic ${PAST}`];
      assert.deepEqual(await found([open, closed]), expected);
      assert.deepEqual(await found([closed, open]), expected);
    });

    describe("under the name by which Calico's API server shows those of Kubernetes", () => {
      const native = object("networking.k8s.io/v1", "NetworkPolicy", { ingress: [{}] }, "team-beta");
      const metadata = { name: "knp.default.other", namespace: "team-beta" };
      const stored = { ...inBeta({ ingress: [{ action: "Allow" }] }), metadata };
      const shown = { ...stored, apiVersion: "projectcalico.org/v3" };
      const line = (api: string) =>
        `fail NetworkPolicy team-beta/knp.default.other (${api}): allows traffic ${PAST}`;

      it("are those, and no other", async () => {
        await saysNothing(native, shown);
        assert.deepEqual(await found([native, stored]), [line(CALICO)]);
        assert.deepEqual(await found([shown]), [line("projectcalico.org/v3")]);
      });

      it("are anybody's where no API server of its own shows them", async () => {
        for (const apiService of [
          { code: 200, body: { spec: { group: "projectcalico.org" } } },
          { code: 404, body: {} },
        ])
          assert.deepEqual(await found([native, shown], {}, apiService), [line("projectcalico.org/v3")]);
      });

      it("never pass where that cannot be asked", async () => {
        const unanswered = "not answerable NetworkPolicy knp.default.* of projectcalico.org";
        assert.deepEqual(await found([native, shown], {}, { code: 403, body: {}, message: "no" }), [
          `${unanswered}: this user may not get apiservices.apiregistration.k8s.io; grant it to this user to have it checked`,
        ]);
        assert.deepEqual(await found([native, shown], {}, { code: 500, body: {}, message: "down" }), [
          `${unanswered}: The API server answers 500 to get apiservices: down`,
        ]);
      });
    });
  });

  describe("that are written as none can be", () => {
    const allow = [{ action: "Allow" }];
    const odd = { a: 1 };

    it("may allow whatever their rules say", async () => {
      for (const spec of [{ ingress: odd }, { egress: "all" }, { ingress: [null] }, [], "all"])
        await says(object(CALICO, "NetworkPolicy", spec, "team-beta"), `may allow traffic ${PAST}`);
      for (const spec of [{ ingress: [{ fromEntities: odd }] }, { egress: odd }])
        await says(
          object("cilium.io/v2", "CiliumNetworkPolicy", spec, "team-beta"),
          `may allow traffic ${PAST}`,
        );
      const specs = { ...object("cilium.io/v2", "CiliumNetworkPolicy", undefined, "team-beta"), specs: odd };
      await says(specs, `may allow traffic ${PAST}`);
      await saysNothing(object(CALICO, "NetworkPolicy", { ingress: null }, "team-beta"));
      await saysNothing(object(CALICO, "NetworkPolicy", null, "team-beta"));
    });

    const KEY = "kubernetes.io/metadata.name";
    const requirement = { key: KEY, operator: "In" };
    const selectors = {
      none: [{}, { matchLabels: null }, { matchExpressions: null }],
      odd: [
        ...[{ matchLabels: [] }, { matchLabels: "a" }, { matchLabels: { a: null } }, { matchLabel: {} }],
        ...[{ matchExpressions: odd }, { matchExpressions: [null] }, { matchExpressions: [requirement] }],
        ...[null, odd, [1]].map((values) => ({ matchExpressions: [{ ...requirement, values }] })),
        "all",
      ],
    };
    for (const [verb, all] of [
      ["allows", selectors.none],
      ["may allow", selectors.odd],
    ] as const)
      it(`${verb === "allows" ? "select all with nothing" : "may select anybody with what is no selector"}`, async () => {
        for (const selector of all) {
          await says(
            object(POLICY, "AdminNetworkPolicy", { subject: { namespaces: selector }, ingress: allow }),
            `${verb} ${everywhere(KEY)}`,
          );
          await says(
            object(POLICY, "AdminNetworkPolicy", {
              subject: { pods: { namespaceSelector: {}, podSelector: selector } },
              ingress: allow,
            }),
            `${verb} ${everywhere(KEY)}`,
          );
          await says(
            object("cilium.io/v2", "CiliumClusterwideNetworkPolicy", {
              endpointSelector: selector,
              ingress: [{ fromEntities: ["all"] }],
            }),
            `${verb} ${everywhere("io.kubernetes.pod.namespace")}`,
          );
        }
      });

    it("may select anybody with an expression that is no text", async () => {
      const about = (selector: unknown) =>
        object(CALICO, "GlobalNetworkPolicy", { namespaceSelector: selector, ingress: allow });
      await says(about(null), `allows ${everywhere("projectcalico.org/name")}`);
      await says(about({}), `may allow ${everywhere("projectcalico.org/name")}`);
    });
  });

  it("that cannot be asked for never pass", async () => {
    const right = new MissingRight("list ciliumnetworkpolicies.cilium.io");
    const down = new CannotRun("The API server does not say what it serves (503): unavailable", "Try again.");
    const results = await found([], { "cilium.io": right, "projectcalico.org": down });
    assert.deepEqual(results, [
      ...["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"].map(
        (kind) =>
          `not answerable ${kind} of cilium.io: this user may not list ciliumnetworkpolicies.cilium.io; grant it to this user to have it checked`,
      ),
      ...["NetworkPolicy", "GlobalNetworkPolicy"].map(
        (kind) =>
          `not answerable ${kind} of projectcalico.org: The API server does not say what it serves (503): unavailable`,
      ),
    ]);
    assert.equal(POLICY_KINDS.length, 6);
    // What the other of two groups answers is judged.
    const open = object(CALICO, "NetworkPolicy", { ingress: [{ action: "Allow" }] }, "team-beta");
    for (const error of [down, new MissingRight("list networkpolicies.projectcalico.org")])
      assert.deepEqual(
        (await found([open], { "projectcalico.org": error })).map((line) => line.split(": ")[0]),
        [
          `fail NetworkPolicy team-beta/other (${CALICO})`,
          "not answerable NetworkPolicy of projectcalico.org",
          "not answerable GlobalNetworkPolicy of projectcalico.org",
        ],
      );
  });
});
