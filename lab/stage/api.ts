/** The API server of the lab: objects go in by server-side apply, and pods are what the lab says they are. */
import type { Manifest } from "../../components/plan/manifest";
import { ApiServer, isApiError } from "../../sandbox/provider/kubernetes/api-server";
import { Discovery } from "../../sandbox/provider/kubernetes/discovery";
import { connectionFrom } from "../../sandbox/provider/kubernetes/kubeconfig";
import type { Json, JsonObject } from "../../sandbox/provider/rpc/values";
import { LabError } from "../errors";

const FIELD_MANAGER = "kagent-a2a-lab";

/** A pod as a kubelet sees it. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  /** Undefined until it is scheduled. */
  readonly node: string | undefined;
  readonly isEnding: boolean;
  /** Of its first container. */
  readonly command: readonly string[];
}

const podPath = ({ namespace, name }: Pick<RunningPod, "namespace" | "name">) =>
  `/api/v1/namespaces/${namespace}/pods/${name}`;

const allTrue = (...types: string[]) => types.map((type) => ({ type, status: "True" }));

export class Api {
  private readonly server: ApiServer;
  private readonly discovery: Discovery;

  constructor(kubeconfig: string) {
    this.server = new ApiServer(connectionFrom({ kubeconfig, context: undefined, cluster: undefined }));
    this.discovery = new Discovery(this.server);
  }

  /** The whole object, as the API server then has it. */
  async apply(manifest: Manifest): Promise<JsonObject> {
    return this.server.request("PATCH", await this.pathOf(manifest), {
      query: { fieldManager: FIELD_MANAGER, force: "true", fieldValidation: "Strict" },
      contentType: "application/apply-patch+yaml",
      body: manifest as unknown as Json,
    });
  }

  /** Exactly this object, whatever was there: a merge would keep what the object does not say. */
  async put(manifest: Manifest): Promise<void> {
    const live = await this.read(manifest);
    const path = await this.pathOf(manifest);
    if (live === undefined) {
      const body = manifest as unknown as Json;
      await this.server.request("POST", path.slice(0, path.lastIndexOf("/")), { body });
      return;
    }
    const { resourceVersion } = live.metadata as { resourceVersion: string };
    const body = { ...manifest, metadata: { ...manifest.metadata, resourceVersion } } as unknown as Json;
    await this.server.request("PUT", path, { body });
  }

  async remove(manifest: Manifest): Promise<void> {
    await this.server.request("DELETE", await this.pathOf(manifest));
  }

  /** Undefined when there is none. */
  async read(manifest: Manifest): Promise<JsonObject | undefined> {
    try {
      return await this.server.request("GET", await this.pathOf(manifest));
    } catch (error) {
      if (isApiError(error, 404)) return undefined;
      throw error;
    }
  }

  /** A pod that runs at once: the lab is its own kubelet. */
  async run(pod: Manifest, address: string): Promise<void> {
    await this.apply(pod);
    const { namespace = "", name } = pod.metadata;
    await this.setRunning({ namespace, name }, address);
  }

  async setRunning(pod: Pick<RunningPod, "namespace" | "name">, address: string): Promise<void> {
    const conditions = allTrue("PodScheduled", "Initialized", "ContainersReady", "Ready");
    const status = { phase: "Running", podIP: address, podIPs: [{ ip: address }], conditions };
    await this.patch(`${podPath(pod)}/status`, { status });
  }

  /** A node with a kubelet that answers there. */
  async register(name: string, address: string, port: number): Promise<void> {
    await this.apply({ apiVersion: "v1", kind: "Node", metadata: { name } });
    const status = {
      addresses: [{ type: "InternalIP", address }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
      conditions: allTrue("Ready"),
    };
    await this.patch(`/api/v1/nodes/${name}/status`, { status });
  }

  async pods(): Promise<RunningPod[]> {
    const { items } = await this.server.request("GET", "/api/v1/pods");
    type Item = {
      metadata: { namespace: string; name: string; deletionTimestamp?: string };
      spec: { nodeName?: string; containers: { command?: string[]; args?: string[] }[] };
    };
    return (items as unknown as Item[]).map(({ metadata, spec: { nodeName, containers } }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      node: nodeName,
      isEnding: metadata.deletionTimestamp !== undefined,
      command: [...(containers[0]?.command ?? []), ...(containers[0]?.args ?? [])],
    }));
  }

  /** What a scheduler does. */
  async bind(pod: RunningPod, node: string): Promise<void> {
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name: pod.name }, target };
    await this.server.request("POST", `${podPath(pod)}/binding`, { body });
  }

  /** What a kubelet does once a pod that was deleted has ended. */
  async confirmEnd(pod: RunningPod): Promise<void> {
    await this.server.request("DELETE", podPath(pod), { query: { gracePeriodSeconds: "0" } });
  }

  /** A token of a service account, as the kubelet projects it into a pod. Secret. */
  async serviceAccountToken(namespace: string, name: string, audience: string): Promise<string> {
    const answer = await this.server.request(
      "POST",
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      {
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { audiences: [audience], expirationSeconds: 3600 },
        },
      },
    );
    return (answer.status as { token: string }).token;
  }

  private async patch(path: string, body: Json): Promise<void> {
    await this.server.request("PATCH", path, { contentType: "application/merge-patch+json", body });
  }

  private async pathOf({ apiVersion, kind, metadata }: Manifest): Promise<string> {
    const mapping = await this.discovery.find(apiVersion, kind);
    if (mapping === undefined) throw new LabError(`The lab's API server serves no ${kind} of ${apiVersion}.`);
    return mapping.path(metadata.namespace ?? "", metadata.name);
  }
}
