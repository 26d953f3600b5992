/** The same proofs as without a cluster, over what is on the cluster. */
import type { CheckResult } from "../result";
import { Objects } from "../static/objects";
import { prove } from "../static/prove";
import type { Context } from "./check";

/** Istio's kinds, without which nothing can be said about identities. */
const MESH = ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"];

/** @returns results that say of which layer they are */
export function liveProofs({ topology, planned, live }: Context): readonly CheckResult[] {
  const secrets = planned.map(({ manifest }) => manifest).filter(({ kind }) => kind === "Secret");
  const unserved = MESH.filter((kind) => !live.isServed("security.istio.io/v1", kind));
  const { results } = prove(topology, new Objects([...live.objects.manifests, ...secrets]));
  const onCluster = results.map((result) => ({ ...result, check: `on the cluster: ${result.check}` }));
  if (unserved.length === 0) return onCluster;
  const detail = `the cluster serves no ${unserved.join(", ")}: Istio is not installed, and no identity is checked`;
  const needed = "it needs Istio's policies";
  return [
    ...onCluster.filter(({ layer }) => layer === "network"),
    { layer: "identity", check: "the cluster has a mesh", subject: "Istio", status: "fail", detail },
    { layer: "agreement", check: "on the cluster", subject: "all", status: "not answerable", detail: needed },
  ];
}
