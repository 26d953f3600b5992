/** What is on the cluster: every object of the kinds that govern, read once. */
import { RELEASE_API_VERSION } from "../../components/plan/manifest";
import type { PlannedObject } from "../../components/plan/plan";
import { CannotRun } from "../errors";
import { type Doc, Objects } from "../static/objects";
import { type Cluster, MissingRight } from "./cluster";

/** Kinds by which somebody could widen what the stack declares, beside those it declares itself. */
export const GOVERNING_KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "Namespace"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
  ["security.istio.io/v1", "AuthorizationPolicy"],
  ["security.istio.io/v1", "PeerAuthentication"],
  ["security.istio.io/v1", "RequestAuthentication"],
  ["networking.istio.io/v1", "Gateway"],
  ["networking.istio.io/v1", "VirtualService"],
  ["networking.istio.io/v1", "DestinationRule"],
  ["networking.istio.io/v1", "ServiceEntry"],
  ["networking.istio.io/v1", "Sidecar"],
  ["networking.istio.io/v1alpha3", "EnvoyFilter"],
  ["extensions.istio.io/v1alpha1", "WasmPlugin"],
  ["kagent.dev/v1alpha2", "Agent"],
];

export class Live {
  private constructor(
    readonly objects: Objects,
    /** `<apiVersion> <kind>` that the cluster does not know. */
    readonly unserved: ReadonlySet<string>,
    readonly nodes: number | undefined,
  ) {}

  /** @throws CannotRun naming every right that is missing */
  static async read(cluster: Cluster, planned: readonly PlannedObject[]): Promise<Live> {
    // Secrets are read one by one where a check needs one: nobody should need the right to list them. Releases are none of the
    // API server's.
    const kinds = new Map(
      [...GOVERNING_KINDS, ...planned.map(({ manifest }) => [manifest.apiVersion, manifest.kind] as const)]
        .filter(([apiVersion, kind]) => kind !== "Secret" && apiVersion !== RELEASE_API_VERSION)
        .map((kind) => [kind.join(" "), kind]),
    );
    const missing: string[] = [];
    const unserved = new Set<string>();
    const found = await Promise.all(
      [...kinds].map(async ([key, [apiVersion, kind]]): Promise<readonly Doc[]> => {
        try {
          const items = await cluster.list(apiVersion, kind);
          if (items === undefined) unserved.add(key);
          return items ?? [];
        } catch (error) {
          if (!(error instanceof MissingRight)) throw error;
          missing.push(error.right);
          return [];
        }
      }),
    );
    if (missing.length > 0)
      throw new CannotRun(
        "The user of this kubeconfig may not read what is to be verified. It needs the right to:",
        ...missing.sort().map((right) => `  ${right}`),
        "Bind it to a ClusterRole with these rights; docs/verify.md has one.",
      );
    const nodes = await cluster.list("v1", "Node").catch((error: unknown) => {
      if (error instanceof MissingRight) return undefined;
      throw error;
    });
    return new Live(new Objects(found.flat()), unserved, nodes?.length);
  }

  isServed(apiVersion: string, kind: string): boolean {
    return !this.unserved.has(`${apiVersion} ${kind}`);
  }

  find({ kind, metadata }: Doc): Doc | undefined {
    return metadata.namespace === undefined
      ? this.objects.all(kind).find((one) => one.metadata.name === metadata.name)
      : this.objects.get(kind, metadata.namespace, metadata.name);
  }
}
