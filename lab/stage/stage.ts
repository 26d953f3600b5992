/** Everything that runs: the control plane, the node, the network policies, istiod, and a pod for each of the cast. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectTo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import type { Manifest } from "../../components/plan/manifest";
import type { Binary } from "../../sandbox/binaries";
import { SandboxHome, startControlPlane } from "../../sandbox/control-plane";
import { type Crd, installCrds } from "../../sandbox/crds";
import { istio, kagent, type Topology } from "../../topology/index";
import type { Actor } from "../actor";
import { cast, hostsOf, INSIDE_MESH, OUTSIDE_MESH } from "../cast";
import type { EngineParts } from "../parts/engine";
import type { RuntimePackages } from "../parts/kagent-adk";
import type { Serving } from "../pod/application";
import type { Addresses } from "../probe";
import { Api } from "./api";
import { Kubelet } from "./kubelet";
import {
  endpointSliceManifest,
  isFronted,
  namespaceManifest,
  podManifest,
  serviceAccountManifest,
  serviceManifest,
} from "./manifests";
import { ISTIOD_HOST, Istiod, type MeshParts, Sidecar, waitFor } from "./mesh";
import { startNetworkPolicies } from "./network-policies";
import { Application, dropConnections, Script } from "./player";
import { compileScript } from "./scripts";
import { NODE_ADDRESS, type Wire, Wires } from "./wires";

export interface Parts extends MeshParts {
  readonly binaries: Readonly<Record<"etcd" | "kube-apiserver" | "kube-controller-manager", Binary>>;
  readonly networkPolicies: string;
  readonly kubelet: string;
  /** Of Istio. */
  readonly crds: readonly Crd[];
  /** The real runtime of agents; only where a scenario needs it. */
  readonly runtime?: RuntimePackages;
  /** Pulumi's; only where a scenario needs it. */
  readonly engine?: EngineParts;
}

/** Folder of the control plane, and of the stack that the engine deploys to it. */
export const labHome = (folder: string): SandboxHome => new SandboxHome(join(folder, "control-plane"));

const RELAY_PORT = 6443;
const NO_AUDIT = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";

export class Stage {
  readonly sidecars = new Map<string, Sidecar>();
  private readonly applications = new Map<string, Application>();
  private readonly wireOf = new Map<string, Wire>();
  /** What a client in the mesh connects to: the address of the Service, or of the thing itself. */
  private readonly frontOf = new Map<string, string>();
  private readonly actors: readonly Actor[];

  private constructor(
    readonly api: Api,
    readonly istiod: Istiod,
    private readonly wires: Wires,
    private readonly topology: Topology,
    readonly parts: Parts,
    readonly folder: string,
    /** Of the API server's administrator. */
    readonly kubeconfig: string,
  ) {
    this.actors = cast(topology);
  }

  /** Starts what every topology needs. Works inside the lab's own namespaces only. */
  static async set(topology: Topology, parts: Parts, folder: string): Promise<Stage> {
    const wires = await Wires.lay(cast(topology).flatMap(({ address }) => address ?? []));
    const home = labHome(folder);
    home.prepare();
    const plane = await startControlPlane(home, { auditPolicy: NO_AUDIT, binaries: parts.binaries });
    await installCrds(home.kubeconfig, parts.crds);
    await relay(Number(new URL(plane.url).port));
    const kubeconfig = join(folder, "istiod.kubeconfig");
    writeFileSync(kubeconfig, throughRelay(readFileSync(home.kubeconfig, "utf8")), { mode: 0o600 });
    startNetworkPolicies(parts.networkPolicies, home.kubeconfig, join(folder, "network-policies.log"));
    const api = new Api(home.kubeconfig);
    const wire = await wires.plug("istiod", wires.freeAddress());
    const istiod = new Istiod(parts, wire, join(folder, "istiod"), kubeconfig, api, topology);
    return new Stage(api, istiod, wires, topology, parts, folder, home.kubeconfig);
  }

  /** Applies the program's objects, starts the cast, and returns when every sidecar has its configuration. */
  async start(manifests: readonly Manifest[]): Promise<void> {
    await this.api.apply(namespaceManifest(istio.ISTIO_NAMESPACE));
    await Promise.all([this.istiod.start(), this.apply(manifests)]);
    await this.prepareNamespaces();
    const script = compileScript("application", this.folder);
    const root = await this.rootCertificate();
    await Promise.all(this.actors.map((actor) => this.place(actor)));
    await Promise.all(this.actors.map((actor) => this.startActor(actor, script, root)));
    await waitFor("Not every sidecar is ready", async () => {
      const ready = await Promise.all([...this.sidecars.values()].map((sidecar) => sidecar.isReady()));
      return ready.every((isReady) => isReady);
    });
    await this.synchronised();
  }

  /** Applies objects, namespaces first. */
  async apply(manifests: readonly Manifest[]): Promise<void> {
    const [namespaces, others] = [true, false].map((wanted) =>
      manifests.filter(({ kind }) => (kind === "Namespace") === wanted),
    ) as [Manifest[], Manifest[]];
    for (const group of [namespaces, others])
      await Promise.all(group.map((manifest) => this.api.apply(manifest)));
  }

  /** Until every proxy is connected to istiod and has acknowledged all that it was sent. */
  async synchronised(): Promise<void> {
    const proxies = this.actors
      .filter(({ mesh }) => mesh !== "none")
      .map(({ name, namespace }) => `${name}.${namespace}`);
    await waitFor("Not every sidecar has its configuration", async () => {
      const done = await this.istiod.synchronised();
      return proxies.every((proxy) => done.has(proxy));
    });
  }

  readonly addresses: Addresses = {
    pod: (id) => this.wireOf.get(id)?.address ?? "",
    front: (id) => this.frontOf.get(id) ?? "",
  };

  get podCount(): number {
    return this.wireOf.size;
  }

  application(id: string): Application {
    const application = this.applications.get(id);
    if (application === undefined) throw new Error(`nobody in the lab is ${id}`);
    return application;
  }

  /** Of an actor's pod. */
  wire(id: string): Wire {
    const wire = this.wireOf.get(id);
    if (wire === undefined) throw new Error(`nobody in the lab is ${id}`);
    return wire;
  }

  /** Takes the application out of a pod, whose sidecar stays: something else stands in its place. */
  async vacate(id: string): Promise<void> {
    await this.application(id).stop();
    this.applications.delete(id);
  }

  /** Puts the application back. */
  async occupy(id: string): Promise<void> {
    const actor = this.actors.find((one) => one.id === id);
    if (actor === undefined) throw new Error(`nobody in the lab is ${id}`);
    const script = compileScript("application", this.folder);
    this.applications.set(id, await Application.start(this.wire(id), script, servingOf(actor)));
  }

  enforceNetwork(wanted: boolean): Promise<void> {
    return this.wires.enforce(wanted);
  }

  /** So that every request makes new connections: one made under other rules proves nothing about these. */
  async dropConnections(): Promise<void> {
    await Promise.all([...this.applications.values()].map(({ wire }) => dropConnections(wire)));
  }

  /** From now on commands can be run in every pod, and pods that somebody creates run. */
  startKubelet(): Promise<Kubelet> {
    return Kubelet.start(
      { binary: this.parts.kubelet, programs: dirname(this.parts.pilotAgent) },
      this.api,
      this.wires,
      join(this.folder, "kubelet.log"),
    );
  }

  private async prepareNamespaces(): Promise<void> {
    const governed = [kagent.KAGENT_NAMESPACE, ...this.topology.tenants.map(({ name }) => name)];
    const inCluster = this.actors.filter(({ isOutside }) => !isOutside);
    const others = new Set(
      inCluster.map(({ namespace }) => namespace).filter((name) => !governed.includes(name)),
    );
    const labels = (name: string) => (name === INSIDE_MESH ? istio.MESH_LABEL : {});
    await Promise.all([...others].map((name) => this.api.apply(namespaceManifest(name, labels(name)))));
    await Promise.all(
      inCluster.map(async ({ namespace, serviceAccount }) => {
        const account = serviceAccountManifest(namespace, serviceAccount);
        if (serviceAccount !== "default") return this.api.apply(account);
        // The controller manager makes it.
        return waitFor(
          `${namespace} has no service account`,
          async () => (await this.api.read(account)) !== undefined,
        );
      }),
    );
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

  /** Its wire, its Pod object and its Service: all that others find it by. */
  private async place(actor: Actor): Promise<void> {
    const { id, namespace, name, part } = actor;
    const wire =
      part === "istiod"
        ? this.istiod.wire
        : await this.wires.plug(`${namespace}.${name}`, actor.address ?? this.wires.freeAddress());
    this.wireOf.set(id, wire);
    this.frontOf.set(id, wire.address);
    if (!actor.isOutside) await this.api.run(podManifest(actor), wire.address);
    if (!isFronted(actor)) return;
    const { spec } = await this.api.apply(serviceManifest(actor));
    await this.api.apply(endpointSliceManifest(actor, wire.address));
    this.frontOf.set(id, (spec as { clusterIP: string }).clusterIP);
  }

  private async startActor(actor: Actor, script: string, rootCertificate: string): Promise<void> {
    const { id, name, namespace, mesh, labels, serviceAccount, part } = actor;
    const wire = this.wireOf.get(id) as Wire;
    if (part === "dns") return this.startResolver(wire);
    if (part !== undefined) return;
    this.applications.set(id, await Application.start(wire, script, servingOf(actor)));
    if (mesh === "none") return;
    const folder = join(this.folder, "pods", `${namespace}.${name}`);
    mkdirSync(folder, { recursive: true });
    const sidecar = await Sidecar.start({
      parts: this.parts,
      api: this.api,
      wire,
      folder,
      pod: name,
      namespace,
      serviceAccount,
      labels,
      role: mesh,
      trustDomain: this.topology.cluster.trustDomain,
      clusterDomain: this.topology.cluster.clusterDomain,
      rootCertificate,
    });
    this.sidecars.set(id, sidecar);
  }

  private async startResolver(wire: Wire): Promise<void> {
    writeFileSync("/etc/resolv.conf", `nameserver ${wire.address}\noptions timeout:1 attempts:2\n`);
    await Script.start(wire, compileScript("resolver", this.folder), this.zone());
  }

  private zone(): Record<string, string> {
    const { clusterDomain } = this.topology.cluster;
    const names = this.actors.flatMap((actor) =>
      hostsOf(actor, clusterDomain).map((host) => [host, this.addresses.front(actor.id)]),
    );
    return { [ISTIOD_HOST]: this.istiod.wire.address, ...Object.fromEntries(names) };
  }
}

const servingOf = ({ id, http, tls }: Actor): Serving => ({ pod: id, http, tls, user: kagent.AGENT_UID });

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
