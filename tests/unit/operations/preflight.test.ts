import * as assert from "node:assert/strict";
import { Cluster } from "../../../operations/cluster";
import { preflight, reachable } from "../../../operations/preflight";
import { devTopology, type Edit } from "../../support/dev";
import { StubCluster } from "../../support/stub-cluster";

describe("before anything is changed", () => {
  let stub: StubCluster;
  const before = process.env.KUBECONFIG;
  beforeEach(async () => {
    stub = new StubCluster();
    await stub.start();
    process.env.KUBECONFIG = stub.kubeconfig;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
    await stub.stop();
  });

  const passes = (edit?: Edit, owned: readonly string[] = []) =>
    preflight({ cluster: Cluster.of(), topology: devTopology(edit), owned: new Set(owned) });

  const refuses = (edit: Edit | undefined, ...lines: string[]) =>
    assert.rejects(passes(edit), (error: Error) => {
      assert.equal(error.name, "UserError");
      assert.deepEqual(error.message.split("\n"), lines);
      assert.ok(!error.message.includes("the-token"));
      return true;
    });
  const problem = (count: string) =>
    `The cluster at ${stub.address} has ${count} for this stack; nothing was changed.`;

  it("an empty cluster of the right version is taken", () => passes());

  it("a cluster that cannot be reached is named", async () => {
    stub.pointAt("http://127.0.0.1:1");
    await refuses(
      undefined,
      "The cluster at http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1.",
      "Check that it runs, that this machine may connect to it, and that kagent-a2a:cluster.context is the right one.",
    );
  });

  it("credentials that the cluster does not accept are one problem, not a dozen", async () => {
    stub.answers.status = 401;
    await refuses(
      undefined,
      problem("1 problem"),
      "  It does not accept the credentials of the kubeconfig.",
      "      Log in again, or choose the context of a user that it knows.",
    );
  });

  it("refused credentials stop a destroy or a refresh too", async () => {
    await reachable(Cluster.of());
    stub.answers.status = 401;
    await assert.rejects(reachable(Cluster.of()), (error: Error) => {
      assert.deepEqual(error.message.split("\n"), [
        problem("1 problem"),
        "  It does not accept the credentials of the kubeconfig.",
        "      Log in again, or choose the context of a user that it knows.",
      ]);
      return true;
    });
  });

  it("a user without the rights to deploy is told which", async () => {
    stub.answers.forbidden = ["clusterroles", "namespaces"];
    await refuses(
      undefined,
      problem("1 problem"),
      "  The user of the kubeconfig may not create namespaces, create clusterroles.",
      "      Deploy as a user that administers the cluster: the stack makes namespaces, policies, roles and CRDs.",
    );
  });

  it("a cluster that is too old or too new is refused, once, whatever is installed in which version", async () => {
    const nothing: Edit = (c) => {
      for (const system of ["certManager", "externalSecrets", "gatekeeper", "gateway", "istio", "kagent"])
        c.platform[system] = { install: false };
      c.admission = "native";
      c.routing = "direct";
    };
    const otherLine: Edit = (c) => {
      c.platform.istio = { version: "1.32.1" };
    };
    stub.answers.served = {
      "kagent.dev/v1alpha2": ["Agent", "ModelConfig"],
      "networking.istio.io/v1": ["ServiceEntry"],
      "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
    };
    for (const [gitVersion, fix] of [
      ["v1.32.9-eks-1", "Upgrade the cluster."],
      ["v1.37.0", "Use a cluster of that range, or a later release of this program."],
    ] as const) {
      stub.answers.gitVersion = gitVersion;
      for (const edit of [undefined, nothing, otherLine])
        await refuses(
          edit,
          problem("1 problem"),
          `  It runs Kubernetes ${gitVersion}; this stack is for 1.33 to 1.36, as the systems that it stands on are.`,
          `      ${fix}`,
        );
    }
    for (const gitVersion of ["v1.33.0", "v1.36.12+k3s1"]) {
      stub.answers.gitVersion = gitVersion;
      for (const edit of [undefined, nothing, otherLine]) await passes(edit);
    }
  });

  it("a Gatekeeper that is said to be there must answer, and fail closed", async () => {
    const there: Edit = (c) => {
      c.platform.gatekeeper = { install: false };
    };
    stub.answers.served = {
      "templates.gatekeeper.sh/v1": ["ConstraintTemplate"],
    };
    await refuses(
      there,
      problem("1 problem"),
      "  kagent-a2a:platform.gatekeeper.install is false, and nobody answers for Gatekeeper: there is no webhook validation.gatekeeper.sh.",
      "      Install Gatekeeper first, or set platform.gatekeeper.install to true.",
    );
    const webhook = (failurePolicy: string, ...resources: string[]) => [
      { name: "validation.gatekeeper.sh", failurePolicy, rules: [{ apiGroups: ["*"], resources }] },
    ];
    stub.answers.webhooks = webhook("Ignore", "*", "*/status");
    await refuses(
      there,
      problem("2 problems"),
      "  Gatekeeper's webhook validation.gatekeeper.sh has failurePolicy Ignore: an outage would let in what the graph does not declare.",
      "      Upgrade its release with validatingWebhookFailurePolicy: Fail, or set platform.gatekeeper.install to true.",
      "  Gatekeeper's webhook validation.gatekeeper.sh is not asked about namespaces/finalize: labels could be set on that way.",
      "      Upgrade its release with validatingWebhookCustomRules that name namespaces and namespaces/*, or set platform.gatekeeper.install to true.",
    );
    for (const resources of [["namespaces", "namespaces/*"], ["*/*"]]) {
      stub.answers.webhooks = webhook("Fail", ...resources);
      await passes(there);
    }
  });

  it("an Istio that is said to be there must keep what the layers rely on, and what it does not say is told", async () => {
    const there: Edit = (c) => {
      c.platform.istio = { install: false };
    };
    stub.answers.served = {
      "networking.istio.io/v1": ["DestinationRule", "Gateway", "ServiceEntry", "VirtualService"],
      "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
    };
    assert.deepEqual(await passes(), []);
    assert.deepEqual((await passes(there)).join("\n").split("\n"), [
      `Nothing in the cluster at ${stub.address} is in the way of this stack; 1 thing to look at yourself:`,
      "  No Deployment of istiod runs in istio-system, as where a mesh is managed elsewhere: what the layers rely on there could not be judged.",
      "      Make sure of it: istiod runs with PILOT_SCOPE_GATEWAY_TO_NAMESPACE=true, and the mesh's trust domain is cluster.local, and its outboundTrafficPolicy.mode is REGISTRY_ONLY.",
    ]);
    stub.answers.istiods = [
      {
        metadata: { name: "istiod" },
        spec: { template: { spec: { containers: [{ name: "discovery" }] } } },
      },
    ];
    await refuses(
      there,
      problem("1 problem"),
      "  Deployment istio-system/istiod does not set PILOT_SCOPE_GATEWAY_TO_NAMESPACE to true: whoever may write Gateways in any namespace could answer in the place of the gateway between teams.",
      '      Upgrade its release with env: {PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true"}, once every Gateway of the mesh stands in the namespace of the pods that serve it; or set kagent-a2a:routing to direct.',
    );
  });

  it("a system that is said to be there, and is not, is named with what is missing", async () => {
    stub.answers.webhooks = [
      {
        name: "validation.gatekeeper.sh",
        failurePolicy: "Fail",
        rules: [{ apiGroups: [""], resources: ["namespaces", "namespaces/*"] }],
      },
    ];
    stub.answers.served = {
      "networking.istio.io/v1": ["DestinationRule", "Gateway", "VirtualService"],
      "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
    };
    await refuses(
      (c) => {
        c.platform.istio = { install: false };
        c.platform.gatekeeper = { install: false };
      },
      problem("2 problems"),
      "  kagent-a2a:platform.istio.install is false, and the cluster does not serve networking.istio.io/v1 ServiceEntry.",
      "      Install Istio first, or set platform.istio.install to true.",
      "  kagent-a2a:platform.gatekeeper.install is false, and the cluster does not serve templates.gatekeeper.sh/v1 ConstraintTemplate.",
      "      Install Gatekeeper first, or set platform.gatekeeper.install to true.",
    );
  });

  it("a namespace of somebody else is not touched, and the stack's own is no problem", async () => {
    stub.answers.namespaces = ["istio-system", "team-beta", "kube-system"];
    await assert.rejects(passes(undefined, ["istio-system"]), (error: Error) => {
      assert.deepEqual(error.message.split("\n").slice(1), [
        "  Namespace team-beta exists already and is not this stack's.",
        "      Choose another name or another cluster, or delete it. To take it over with everything in it, set PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true for one up.",
      ]);
      return true;
    });
    await passes(undefined, ["istio-system", "team-beta"]);
  });

  it("the namespace of a kagent that somebody else installed is taken over, and the way is told", async () => {
    stub.answers.namespaces = ["kagent"];
    stub.answers.served = { "kagent.dev/v1alpha2": ["Agent", "ModelConfig"] };
    const there: Edit = (c) => {
      c.platform.kagent = { install: false };
    };
    await refuses(
      there,
      problem("1 problem"),
      "  Namespace kagent exists already, with the kagent that kagent-a2a:platform.kagent.install: false speaks of, and the stack must own its labels.",
      "      Set PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true for one up. Labels are added, its network is closed but for the graph, and its pods need a restart to get a sidecar; destroy leaves the namespace there.",
    );
    await passes(there, ["kagent"]);
  });

  it("a context that the kubeconfig does not have is named, with those that it has", () => {
    assert.throws(() => Cluster.of("production"), {
      name: "UserError",
      message:
        'kagent-a2a:cluster.context: the kubeconfig has no context "production".\nIt has: stub. Correct the name, or name another kubeconfig with KUBECONFIG.',
    });
  });
});
