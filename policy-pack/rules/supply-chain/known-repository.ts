import { rule } from "../../framework/rule";
import { chartName, releases, repositoryOf } from "../../reading/releases";

/** Where the charts of the platform come from. Source: their projects' installation pages. */
const REPOSITORIES: Readonly<Record<string, string>> = {
  kagent: "oci://ghcr.io/kagent-dev/kagent/helm",
  "kagent-crds": "oci://ghcr.io/kagent-dev/kagent/helm",
  base: "oci://registry.istio.io/release/charts",
  istiod: "oci://registry.istio.io/release/charts",
  cni: "oci://registry.istio.io/release/charts",
  gateway: "oci://registry.istio.io/release/charts",
  gatekeeper: "https://open-policy-agent.github.io/gatekeeper/charts",
  "cert-manager": "https://charts.jetstack.io",
  "external-secrets": "https://charts.external-secrets.io",
};
/** The same charts, where the project publishes them a second time. */
const ALSO: Readonly<Record<string, string>> = { "cert-manager": "oci://quay.io/jetstack/charts" };

/** Registries of one's own that hold copies: reviewed like code, since whoever fills them runs with the rights of the platform. */
const { mirrors: MIRRORS } = require("../../mirrors.json") as { readonly mirrors: readonly string[] };

export const knownRepository = rule({
  name: "supply-chain-known-repository",
  layer: "supply-chain",
  severity: "critical",
  description: "Helm releases install charts that are known, each from its project's own repository.",
  why: "A chart of the same name from elsewhere runs with the rights of the platform.",
  remediation: [
    "Write the repository that the project publishes to, for example:",
    "  chart: oci://ghcr.io/kagent-dev/kagent/helm/kagent",
    "or add the mirror, once it has been reviewed, to policy-pack/mirrors.json.",
  ],
  subjects: releases,
  *check(release) {
    const chart = chartName(release);
    const wanted = REPOSITORIES[chart];
    if (wanted === undefined) {
      yield release
        .at("chart")
        .finding(
          `chart ${chart || "without name"} is not on the list. Have it reviewed and add it, with its repository.`,
        );
      return;
    }
    const found = repositoryOf(release)?.replace(/\/$/, "");
    if (found === wanted || found === (ALSO[chart] ?? wanted)) return;
    if (!MIRRORS.some((mirror) => found === mirror || found?.startsWith(`${mirror}/`)))
      yield release.at("chart").finding(`must come from ${wanted}.`);
  },
});
