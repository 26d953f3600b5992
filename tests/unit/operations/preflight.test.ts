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

  it("a cluster that is too old or too new for a chart is refused, for each that is installed", async () => {
    const only: Edit = (c) => {
      for (const system of ["certManager", "externalSecrets", "gatekeeper", "gateway", "kagent"])
        c.platform[system] = { install: false };
      c.admission = "native";
      c.routing = "direct";
    };
    stub.answers.served = {
      "kagent.dev/v1alpha2": ["Agent", "ModelConfig"],
      "networking.istio.io/v1": ["ServiceEntry"],
    };
    for (const [gitVersion, fix] of [
      ["v1.32.9-eks-1", "Upgrade the cluster"],
      ["v1.37.0", "Use a cluster of that range"],
    ] as const) {
      stub.answers.gitVersion = gitVersion;
      await refuses(
        only,
        problem("3 problems"),
        ...["base", "istiod", "cni"].flatMap((chart) => [
          `  It runs Kubernetes ${gitVersion}; chart ${chart} 1.31.0 is for 1.33 to 1.36.`,
          `      ${fix}, or another release of the chart once the bill of materials knows it (npm run versions).`,
        ]),
      );
    }
    // Another line of a chart than the reviewed one has a range of its own.
    await passes((c) => {
      only(c);
      c.platform.istio = { version: "1.32.1" };
    });
    for (const gitVersion of ["v1.33.0", "v1.36.12+k3s1"]) {
      stub.answers.gitVersion = gitVersion;
      await passes(only);
    }
  });

  it("a Gatekeeper that is said to be there must answer, and fail closed", async () => {
    const there: Edit = (c) => {
      c.platform.gatekeeper = { install: false };
    };
    stub.answers.served = {
      "config.gatekeeper.sh/v1alpha1": ["Config"],
      "templates.gatekeeper.sh/v1": ["ConstraintTemplate"],
    };
    await refuses(
      there,
      problem("1 problem"),
      "  kagent-a2a:platform.gatekeeper.install is false, and nobody answers for Gatekeeper: there is no webhook validation.gatekeeper.sh.",
      "      Install Gatekeeper first, or set platform.gatekeeper.install to true.",
    );
    stub.answers.webhooks = [{ name: "validation.gatekeeper.sh", failurePolicy: "Ignore" }];
    await refuses(
      there,
      problem("1 problem"),
      "  Gatekeeper's webhook validation.gatekeeper.sh has failurePolicy Ignore: an outage would let in what the graph does not declare.",
      "      Upgrade its release with validatingWebhookFailurePolicy: Fail, or set platform.gatekeeper.install to true.",
    );
    stub.answers.webhooks = [{ name: "validation.gatekeeper.sh", failurePolicy: "Fail" }];
    await passes(there);
  });

  it("a system that is said to be there, and is not, is named with what is missing", async () => {
    stub.answers.webhooks = [{ name: "validation.gatekeeper.sh", failurePolicy: "Fail" }];
    stub.answers.served = {
      "networking.istio.io/v1": ["DestinationRule", "Gateway", "VirtualService"],
      "security.istio.io/v1": ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
    };
    await refuses(
      (c) => {
        c.platform.istio = { install: false };
        c.platform.gatekeeper = { install: false };
      },
      problem("3 problems"),
      "  kagent-a2a:platform.gatekeeper.install is false, and the cluster does not serve config.gatekeeper.sh/v1alpha1 Config.",
      "      Install Gatekeeper first, or set platform.gatekeeper.install to true.",
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

  it("a context that the kubeconfig does not have is named, with those that it has", () => {
    assert.throws(() => Cluster.of("production"), {
      name: "UserError",
      message:
        'kagent-a2a:cluster.context: the kubeconfig has no context "production".\nIt has: stub. Correct the name, or name another kubeconfig with KUBECONFIG.',
    });
  });
});
