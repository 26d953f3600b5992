/** CRDs that stay on a cluster when the release that brought them goes: deleting one deletes every object of its kind. */
import type { System, Topology } from "../../topology/index";
import { isInstalled } from "./index";

/** Ends of their API groups. Those of kagent are templates without keep, and go with `kagent-crds`. */
const KEPT: Readonly<Partial<Record<System, string>>> = {
  certManager: "cert-manager.io",
  externalSecrets: "external-secrets.io",
  gatekeeper: "gatekeeper.sh",
  istio: "istio.io",
};

/** For a person, after `destroy`; undefined when nothing stays. */
export function keptCrds(topology: Topology): string | undefined {
  const groups = Object.entries(KEPT)
    .filter(([system]) => isInstalled(system as System, topology))
    .map(([, group]) => group);
  if (groups.length === 0) return undefined;
  const pattern = groups.map((group) => group.replaceAll(".", "\\.")).join("|");
  return [
    `CRDs of ${groups.join(", ")} stay on the cluster: deleting one deletes every object of its kind, of others too.`,
    "To remove them where nobody else uses them:",
    `  kubectl get crd -o name | grep -E '\\.(${pattern})$' | xargs -r kubectl delete`,
  ].join("\n");
}
