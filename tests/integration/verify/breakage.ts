/** One thing that somebody breaks on the cluster, and how it is mended again. */
import assert from "node:assert/strict";
import type { VerifyLayer } from "../../../verify/result";
import type { KubeApi, KubeObject } from "../../support/kube-api";

// biome-ignore lint/suspicious/noExplicitAny: an object of any kind, to be broken anywhere
export type Any = any;

export interface Breakage {
  readonly title: string;
  /** What verify must say: the layer, and a failed result that names the object. */
  readonly layer: VerifyLayer;
  readonly names: string;
  /** Breaks it, and gives back what mends it. */
  readonly breakIt: (api: KubeApi) => Promise<() => Promise<unknown>>;
}

export interface Ref {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

const VERSIONS: Readonly<Record<string, string>> = {
  NetworkPolicy: "networking.k8s.io/v1",
  AdminNetworkPolicy: "policy.networking.k8s.io/v1alpha1",
  ClusterNetworkPolicy: "policy.networking.k8s.io/v1alpha2",
  CiliumNetworkPolicy: "cilium.io/v2",
  CiliumClusterwideNetworkPolicy: "cilium.io/v2",
  GlobalNetworkPolicy: "projectcalico.org/v3",
  AuthorizationPolicy: "security.istio.io/v1",
  PeerAuthentication: "security.istio.io/v1",
  RequestAuthentication: "security.istio.io/v1",
  Gateway: "networking.istio.io/v1",
  VirtualService: "networking.istio.io/v1",
  DestinationRule: "networking.istio.io/v1",
  Sidecar: "networking.istio.io/v1",
  EnvoyFilter: "networking.istio.io/v1alpha3",
  WasmPlugin: "extensions.istio.io/v1alpha1",
  Role: "rbac.authorization.k8s.io/v1",
  RoleBinding: "rbac.authorization.k8s.io/v1",
  ClusterRole: "rbac.authorization.k8s.io/v1",
  ClusterRoleBinding: "rbac.authorization.k8s.io/v1",
  ValidatingAdmissionPolicy: "admissionregistration.k8s.io/v1",
  ValidatingAdmissionPolicyBinding: "admissionregistration.k8s.io/v1",
  Agent: "kagent.dev/v1alpha2",
  ModelConfig: "kagent.dev/v1alpha2",
};

/** `NetworkPolicy team-beta/default-deny`. */
export function ref(text: string): Ref {
  const [kind = "", path = ""] = text.split(" ");
  const [name = "", namespace] = path.split("/").reverse();
  return { apiVersion: VERSIONS[kind] ?? "v1", kind, name, ...(namespace !== undefined && { namespace }) };
}

const read = (api: KubeApi, { apiVersion, kind, name, namespace }: Ref): Promise<KubeObject> =>
  api.read(apiVersion, kind, name, namespace).then((object) => ({ ...object, apiVersion, kind }));

/** What one would write to have the object again. */
function written({ apiVersion, kind, metadata, status: _status, ...rest }: Any): KubeObject {
  const { name, namespace, labels, annotations } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, labels, annotations }, ...rest };
}

const done = async (answer: Promise<{ message: string }>): Promise<void> =>
  assert.equal((await answer).message, "");

export const deleted =
  (text: string): Breakage["breakIt"] =>
  async (api) => {
    const object = await read(api, ref(text));
    await done(api.remove(object));
    return () => done(api.create(written(object)));
  };

export const changed =
  (text: string, change: (object: Any) => void): Breakage["breakIt"] =>
  async (api) => {
    const before = await read(api, ref(text));
    const after: Any = structuredClone(before);
    change(after);
    assert.notDeepEqual(after, before, "nothing was changed");
    await done(api.replace(after));
    return async () => {
      const { metadata } = await read(api, ref(text));
      await done(
        api.replace({
          ...before,
          metadata: { ...before.metadata, resourceVersion: metadata.resourceVersion },
        }),
      );
    };
  };

export const added =
  (text: string, body: object): Breakage["breakIt"] =>
  async (api) => {
    const { apiVersion, kind, name, namespace } = ref(text);
    const object = { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, ...body };
    await done(api.create(object));
    return () => done(api.remove(object));
  };

export const together =
  (...all: readonly Breakage["breakIt"][]): Breakage["breakIt"] =>
  async (api) => {
    const mend: (() => Promise<unknown>)[] = [];
    for (const one of all) mend.push(await one(api));
    return () => Promise.all(mend.map((one) => one()));
  };
