/**
 * The mesh: istiod (Istio 1.31.0), and in each pod of the mesh pilot-agent with an Envoy (1.40) that intercepts the pod's
 * traffic by iptables, exactly as Istio's init container sets it up. istiod runs in a pod of `istio-system`, so that
 * the network layer governs the way to it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { meshConfig } from "../../components/platform/istio";
import { sleep } from "../../system/interrupt";
import { istio, type Topology } from "../../topology/index";
import { LabError } from "../errors";
import type { Api } from "./api";
import { command, inPod, type Wire } from "./wires";

export interface MeshParts {
  readonly pilotDiscovery: string;
  readonly pilotAgent: string;
  readonly envoy: string;
  /** Istio's bootstrap template for Envoy. */
  readonly bootstrap: string;
}

export const ISTIOD_HOST = "istiod.istio-system.svc";
const DISCOVERY = `${ISTIOD_HOST}:${istio.ISTIOD_PORT}`;
const HTTP_PORT = 8080;
const DEBUG_PORT = 15014;
/** Where pilot-agent answers the kubelet's readiness probe. */
const [READINESS_PORT] = istio.PROBE_PORTS;
const READY_WITHIN_MS = 60_000;

/** Istio's own filters are no part of stock Envoy; neither decides who may connect. */
const STOCK_ENVOY = { PILOT_ENABLE_METADATA_EXCHANGE: "false", PILOT_ENABLE_ALPN_FILTER: "false" };
/** What of istiod's environment decides what it makes of the stack's objects. Its Pod object says the same. */
export const ISTIOD_ENVIRONMENT: Readonly<Record<string, string>> = {
  ...STOCK_ENVOY,
  ...istio.GATEWAY_SCOPE,
};

export class Istiod {
  private process: ChildProcess | undefined;
  private token: string | undefined;

  constructor(
    private readonly parts: MeshParts,
    readonly wire: Wire,
    private readonly folder: string,
    private readonly kubeconfig: string,
    private readonly api: Api,
    private readonly topology: Topology,
  ) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, "mesh.yaml"),
      stringify({
        ...meshConfig(topology),
        accessLogFile: "/dev/stdout",
        // Whose packets are dropped must hear nothing for as long as anybody asks: by default a proxy gives up after 10 s, and says so.
        connectTimeout: "120s",
        defaultConfig: { discoveryAddress: DISCOVERY },
      }),
    );
  }

  async start(): Promise<void> {
    const log = openSync(join(this.folder, "log"), "a");
    const args = [
      "discovery",
      `--kubeconfig=${this.kubeconfig}`,
      "--meshConfig=mesh.yaml",
      `--domain=${this.topology.cluster.clusterDomain}`,
      `--secureGRPCAddr=:${istio.ISTIOD_PORT}`,
      "--grpcAddr=",
      `--httpAddr=:${HTTP_PORT}`,
      `--monitoringAddr=:${DEBUG_PORT}`,
      "--httpsAddr=",
      "--ctrlz_address=127.0.0.1",
      "--keepaliveInterval=5s",
      "--shutdownDuration=0s",
    ];
    const child = spawn(...inPod(this.wire, this.parts.pilotDiscovery, args), {
      detached: true,
      cwd: this.folder,
      stdio: ["ignore", log, log],
      env: {
        PATH: process.env.PATH,
        ...ISTIOD_ENVIRONMENT,
        ISTIOD_CUSTOM_HOST: ISTIOD_HOST,
        POD_NAME: "istiod",
        POD_NAMESPACE: istio.ISTIO_NAMESPACE,
        REVISION: "default",
        INJECTION_WEBHOOK_CONFIG_NAME: "",
        VALIDATION_WEBHOOK_CONFIG_NAME: "",
        PILOT_DEBOUNCE_AFTER: "20ms",
        UNSAFE_ENABLE_ADMIN_ENDPOINTS: "true",
      },
    });
    this.process = mustGoOn(child, "istiod", this.folder);
    await waitFor("istiod is not ready", async () => (await this.get("/ready", HTTP_PORT)) !== undefined);
  }

  /** Ends at once, as a crash does. */
  async stop(): Promise<void> {
    await ended(this.process);
    this.process = undefined;
  }

  /** Proxies that are connected and have acknowledged everything they were sent, as `<pod>.<namespace>`. */
  async synchronised(): Promise<Set<string>> {
    const text = await this.get("/debug/syncz", DEBUG_PORT);
    type Entry = Readonly<Record<string, string>> & { proxy: string };
    const entries = text === undefined ? [] : (JSON.parse(text) as Entry[]);
    const done = entries.filter((entry) =>
      ["cluster", "listener", "route", "endpoint"].every(
        (type) => (entry[`${type}_sent`] ?? "") === (entry[`${type}_acked`] ?? ""),
      ),
    );
    return new Set(done.map(({ proxy }) => proxy));
  }

  private async get(path: string, port: number): Promise<string | undefined> {
    try {
      const url = `http://${this.wire.address}:${port}${path}`;
      // Whoever runs in istiod's own namespace may ask for its state.
      this.token ??= await this.api.serviceAccountToken(istio.ISTIO_NAMESPACE, "default", "istio-ca");
      const headers = { authorization: `Bearer ${this.token}` };
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) });
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }
}

export interface SidecarOptions {
  readonly parts: MeshParts;
  readonly api: Api;
  readonly wire: Wire;
  readonly folder: string;
  readonly pod: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly role: "sidecar" | "router";
  readonly trustDomain: string;
  readonly clusterDomain: string;
  readonly rootCertificate: string;
}

/** pilot-agent and its Envoy in one pod. */
export class Sidecar {
  private process: ChildProcess | undefined;
  private constructor(private readonly options: SidecarOptions) {}

  static async start(options: SidecarOptions): Promise<Sidecar> {
    const { folder, wire, parts, role } = options;
    for (const part of ["istio", "tokens"])
      mkdirSync(join(folder, "var/run/secrets", part), { recursive: true });
    mkdirSync(join(folder, "etc/istio/pod"), { recursive: true });
    writeFileSync(join(folder, "var/run/secrets/istio/root-cert.pem"), options.rootCertificate);
    writeFileSync(
      join(folder, "etc/istio/pod/labels"),
      Object.entries(options.labels)
        .map(([key, value]) => `${key}=${JSON.stringify(value)}\n`)
        .join(""),
    );
    const token = await options.api.serviceAccountToken(
      options.namespace,
      options.serviceAccount,
      "istio-ca",
    );
    writeFileSync(join(folder, "var/run/secrets/tokens/istio-token"), token, { mode: 0o600 });
    if (role === "sidecar") {
      const interception = "-p 15001 -z 15006 -u 0 -m REDIRECT -i * -b * -d 15090,15021,15020".split(" ");
      const [program, args] = inPod(wire, parts.pilotAgent, ["istio-iptables", ...interception]);
      await command(program, ...args);
    }
    const sidecar = new Sidecar(options);
    sidecar.launch();
    return sidecar;
  }

  launch(): void {
    const { folder, wire, parts, role, pod, namespace, serviceAccount, trustDomain, clusterDomain } =
      this.options;
    const log = openSync(join(folder, "log"), "a");
    const args = [
      "proxy",
      role,
      `--domain=${namespace}.svc.${clusterDomain}`,
      `--templateFile=${parts.bootstrap}`,
      "--proxyLogLevel=warning",
      "--concurrency=1",
    ];
    const child = spawn(...inPod(wire, parts.pilotAgent, args), {
      // A group of its own, so that Envoy can be ended together with it.
      detached: true,
      cwd: folder,
      stdio: ["ignore", log, log],
      env: {
        PATH: process.env.PATH,
        POD_NAME: pod,
        POD_NAMESPACE: namespace,
        INSTANCE_IP: wire.address,
        HOST_IP: wire.address,
        SERVICE_ACCOUNT: serviceAccount,
        TRUST_DOMAIN: trustDomain,
        PILOT_CERT_PROVIDER: "istiod",
        CA_ADDR: DISCOVERY,
        ISTIO_META_CLUSTER_ID: "Kubernetes",
        ISTIO_META_WORKLOAD_NAME: pod,
        ISTIO_META_INTERCEPTION_MODE: "REDIRECT",
        PROXY_CONFIG: JSON.stringify({
          configPath: join(folder, "etc/istio/proxy"),
          binaryPath: parts.envoy,
          discoveryAddress: DISCOVERY,
          concurrency: 1,
          terminationDrainDuration: "0s",
        }),
      },
    });
    this.process = mustGoOn(child, `The proxy of ${namespace}/${pod}`, folder);
  }

  /** What a kubelet would ask: whether Envoy has its first configuration, and works by it. */
  async isReady(): Promise<boolean> {
    try {
      const url = `http://${this.options.wire.address}:${READINESS_PORT}/healthz/ready`;
      return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  async stop(): Promise<void> {
    await ended(this.process);
    this.process = undefined;
  }
}

/** Whoever is not told to end must not. */
function mustGoOn(child: ChildProcess, what: string, folder: string): ChildProcess {
  return child.once("exit", (code) => {
    const words = readFileSync(join(folder, "log"), "utf8").trim().split("\n").slice(-5);
    throw new LabError(`${what} ended with ${code}. It last said:`, ...words);
  });
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners("exit");
  const exit = new Promise((resolve) => child.once("exit", resolve));
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  await exit;
}

export async function waitFor(problem: string, check: () => Promise<boolean>, withinMs = READY_WITHIN_MS) {
  const deadline = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new LabError(`${problem} after ${withinMs / 1_000} s.`);
    await sleep(50);
  }
}
