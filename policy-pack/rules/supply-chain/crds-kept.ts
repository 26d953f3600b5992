import { rule } from "../../framework/rule";
import { chartName, releasesOf } from "../../reading/releases";

const KEEP = "helm.sh/resource-policy";

export const crdsKept = rule({
  name: "supply-chain-crds-kept",
  layer: "supply-chain",
  severity: "high",
  description: "The CRDs of cert-manager and External Secrets stay when their release goes.",
  why: "They are templates of these charts: without it an uninstall deletes every Certificate and every ExternalSecret of the cluster, of others too.",
  remediation: [
    "Write in the values of chart cert-manager:",
    "  crds: {enabled: true, keep: true}",
    "and of chart external-secrets:",
    "  crds: {annotations: {helm.sh/resource-policy: keep}}",
  ],
  subjects: (stack) => [...releasesOf(stack, "cert-manager"), ...releasesOf(stack, "external-secrets")],
  *check(release) {
    const crds = release.at("values", "crds");
    if (chartName(release) === "cert-manager") {
      if (crds.at("keep").flag() !== true) yield crds.at("keep").finding("must be true.");
    } else if (crds.at("annotations", KEEP).text() !== "keep")
      yield crds.at("annotations", KEEP).finding("must be keep.");
  },
});
