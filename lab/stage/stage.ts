/** Everything that runs: the control plane, the node, the network policies, istiod, and a pod for each of the cast. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, connect as connectTo } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Manifest } from "../../components/plan/manifest";
import type { Binary } from "../../sandbox/binaries";
import { SandboxHome, startControlPlane } from "../../sandbox/control-plane";
import { loadCrds, installCrds } from "../../sandbox/crds";
import { istio, type Topology } from "../../topology/index";
import { type Actor, cast, hostsOf, OUTSIDE_MESH, INSIDE_MESH } from "../cast";
import { Api } from "./api";
import { ISTIOD_HOST, Istiod, type MeshParts, Sidecar, waitFor } from "./mesh";
import { Application, Script } from "./player";
import { compileScript } from "./scripts";
import { inPod, NODE_ADDRESS, type Wire, Wires } from "./wires";

export interface Parts extends MeshParts {
  readonly binaries: Readonly<Record<"etcd" | "kube-apiserver" | "kube-controller-manager", Binary>>;
  readonly networkPolicies: string;
}

const NODE = "lab";
const RELAY_PORT = 6443;
const RESOLVER = "dns";
const NO_AUDIT = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";

/** What a `restricted` namespace asks of a pod. Nobody starts the container: the lab's own processes stand for it. */
const RESTRICTED_CONTAINER = {
  name: "application",
  image: "lab.invalid/application:1",
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 65532,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
};

export class Stage {
  readonly applications = new Map<string, Application>();
  readonly sidecars = new Map<string, Sidecar>();
  /** What a client in the mesh connects to: the address of the Service, or of the thing itself. */
  readonly front = new Map<string, string>();
  readonly actors: readonly Actor[];

  private constructor(
    readonly api: Api,
    readonly wires: Wires,
    readonly istiod: Istiod,
    private readonly topology: Topology,
    private readonly parts: Parts,
    private readonly folder: string,
  ) {
    this.actors = cast(topology);
  }

  static async set(topology: Topology, parts: Parts, folder: string): Promise<Stage> {
    const wires = await Wires.lay();
    const home = new SandboxHome(join(folder, "control-plane"));
    home.prepare();
    const [plane, crds] = await Promise.all([
      startControlPlane(home, { auditPolicy: NO_AUDIT, binaries: parts.binaries }),
      loadCrds({ groups: ["istio"] }),
    ]);
    await installCrds(home.kubeconfig, crds.objects);
    const api = new Api(home.kubeconfig);
    await relay(Number(new URL(plane.url).port));
    const kubeconfig = join(folder, "istiod.kubeconfig");
    writeFileSync(kubeconfig, throughRelay(readFileSync(home.kubeconfig, "utf8")), { mode: 0o600 });
    const wire = await wires.plug("istiod", wires.freeAddress());
    const istiod = new Istiod(parts, wire, join(folder, "istiod"), kubeconfig, api, topology);
    const stage = new Stage(api, wires, istiod, topology, parts, folder);
    await stage.startNetworkPolicies(home);
    await stage.startIstiod(wire);
    return stage;
  }

  /** Applies the program's objects, namespaces first. */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    const namespaces = manifests.filter(({ kind }) => kind === "Namespace");
    const others = manifests.filter(({ kind }) => kind !== "Namespace");
    await Promise.all(namespaces.map((manifest) => this.api.apply(manifest)));
    await Promise.all(others.map((manifest) => this.api.apply(manifest)));
  }

  async start(): Promise<void> {
    await this.strangersNamespaces();
    const script = compileScript("application", this.folder);
    const root = await this.rootCertificate();
    const placed = await Promise.all(this.actors.map((actor) => this.place(actor)));
    await this.startResolver();
    await Promise.all(placed.map((wire, index) => this.startActor(this.actors[index] as Actor, wire, script, root)));
    const proxies = this.actors.filter(({ mesh }) => mesh !== "none").map(({ name, namespace }) => `${name}.${namespace}`);
    await waitFor("not every sidecar has its configuration", async () => {
      const done = await this.istiod.synchronised();
      return proxies.every((proxy) => done.has(proxy));
    });
  }

  private async startNetworkPolicies(home: SandboxHome): Promise<void> {
    // Where a pod finds its API server and its identity.
    const account = "/var/run/secrets/kubernetes.io/serviceaccount";
    mkdirSync(account, { recursive: true });
    const { clusters, users } = parse(readFileSync(home.kubeconfig, "utf8"));
    const server = new URL(clusters[0].cluster.server);
    writeFileSync(join(account, "token"), users[0].user.token, { mode: 0o600 });
    writeFileSync(
      join(account, "ca.crt"),
      Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64"),
    );
    const log = openSync(join(this.folder, "network-policies.log"), "a");
    this.networkPolicies = spawn(
      this.parts.networkPolicies,
      [`--hostname-override=${NODE}`, "--disable-nri", "--metrics-bind-address=127.0.0.1:9080"],
      {
        stdio: ["ignore", log, log],
        env: {
          PATH: process.env.PATH,
          KUBERNETES_SERVICE_HOST: server.hostname,
          KUBERNETES_SERVICE_PORT: server.port,
        },
      },
    );
  }
  private networkPolicies: ChildProcess | undefined;

  private async startIstiod(wire: Wire): Promise<void> {
    const namespace = istio.ISTIO_NAMESPACE;
    await this.namespace(namespace);
    await this.pod({ name: "istiod", namespace, labels: istio.ISTIOD_LABELS, serviceAccount: "default" }, wire.address);
    await this.istiod.start();
  }

  private async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }

  private async strangersNamespaces(): Promise<void> {
    const governed = new Set([...this.topology.tenants.map(({ name }) => name), "kagent", "outside"]);
    const others = new Set(this.actors.map(({ namespace }) => namespace).filter((name) => !governed.has(name)));
    for (const name of others) await this.namespace(name, name === INSIDE_MESH ? istio.MESH_LABEL : {});
    for (const { namespace, serviceAccount, isOutside } of this.actors) {
      if (isOutside) continue;
      if (serviceAccount !== "default")
        await this.api.apply({
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: serviceAccount, namespace },
        });
      else {
        const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } };
        await waitFor(`${namespace} has no service account`, async () => (await this.api.read(account)) !== undefined);
      }
    }
  }

  private async rootCertificate(): Promise<string> {
    const metadata = { name: "istio-ca-root-cert", namespace: OUTSIDE_MESH };
    let found: string | undefined;
    await waitFor("istiod published no root certificate", async () => {
      const map = await this.api.read({ apiVersion: "v1", kind: "ConfigMap", metadata });
      found = (map?.data as Record<string, string> | undefined)?.["root-cert.pem"];
      return found !== undefined;
    });
    return found ?? "";
  }

  private async pod(
    actor: Pick<Actor, "name" | "namespace" | "labels" | "serviceAccount">,
    address: string,
    mesh = false,
  ): Promise<void> {
    const { name, namespace, labels, serviceAccount } = actor;
    await this.api.run(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace, labels: { ...labels, ...(mesh && { "security.istio.io/tlsMode": "istio" }) } },
        spec: {
          nodeName: NODE,
          serviceAccountName: serviceAccount,
          automountServiceAccountToken: false,
          containers: [RESTRICTED_CONTAINER],
        },
      },
      address,
    );
  }

  /** Its wire, its Pod object and its Service: all that others find it by. */
  private async place(actor: Actor): Promise<Wire> {
    const address = actor.address ?? this.wires.freeAddress();
    const wire = await this.wires.plug(`${actor.namespace}.${actor.name}`, address);
    if (!actor.isOutside) await this.pod(actor, address, actor.mesh === "sidecar");
    this.front.set(actor.id, actor.service === undefined ? address : await this.service(actor, address));
    return wire;
  }

  private async startActor(actor: Actor, wire: Wire, script: string, rootCertificate: string): Promise<void> {
    const { id, name, namespace, mesh, labels, serviceAccount } = actor;
    const serving = { pod: id, http: actor.http, tls: actor.tls };
    this.applications.set(id, await Application.start(wire, script, serving));
    if (mesh === "none") return;
    const folder = join(this.folder, "pods", `${namespace}.${name}`);
    mkdirSync(folder, { recursive: true });
    const options = { parts: this.parts, api: this.api, wire, folder, pod: name, namespace, serviceAccount, labels };
    const { trustDomain } = this.topology.cluster;
    this.sidecars.set(id, await Sidecar.start({ ...options, role: mesh, trustDomain, rootCertificate }));
  }

  private async service({ namespace, labels, service }: Actor, address: string): Promise<string> {
    if (service === undefined) return address;
    const metadata = { name: service.name, namespace };
    const created = await this.api.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { ...labels }, ports: service.ports.map((port) => ({ ...port, targetPort: port.port })) },
    });
    await this.api.apply({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { ...metadata, labels: { "kubernetes.io/service-name": service.name } },
      addressType: "IPv4",
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports: service.ports.map(({ name, port }) => ({ name, port, protocol: "TCP" })),
    });
    return (created.spec as { clusterIP: string }).clusterIP;
  }

  private async startResolver(): Promise<void> {
    const { namespace, labels } = this.topology.cluster.dns;
    const wire = await this.wires.plug(RESOLVER, this.wires.freeAddress());
    await this.pod({ name: RESOLVER, namespace, labels, serviceAccount: "default" }, wire.address);
    writeFileSync("/etc/resolv.conf", `nameserver ${wire.address}\noptions timeout:1 attempts:2\n`);
    await Script.start(wire, compileScript("resolver", this.folder), this.zone());
  }

  private zone(): Record<string, string> {
    const { clusterDomain } = this.topology.cluster;
    const names = this.actors.flatMap((actor) =>
      hostsOf(actor, clusterDomain).map((host) => [host, this.front.get(actor.id) ?? ""]),
    );
    return { [ISTIOD_HOST]: this.istiod.address, ...Object.fromEntries(names) };
  }
}

/** The API server listens on loopback; istiod, in its own pod, finds it on the node. */
async function relay(port: number): Promise<void> {
  const server = createServer((incoming) => {
    const outgoing = connectTo(port, "127.0.0.1");
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing])
      socket.on("error", () => {
        incoming.destroy();
        outgoing.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(RELAY_PORT, NODE_ADDRESS, resolve));
}

function throughRelay(kubeconfig: string): string {
  const config = parse(kubeconfig);
  const { cluster } = config.clusters[0];
  cluster["tls-server-name"] = new URL(cluster.server).hostname;
  cluster.server = `https://${NODE_ADDRESS}:${RELAY_PORT}`;
  return stringify(config);
}
