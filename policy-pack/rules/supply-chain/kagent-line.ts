import { rule } from "../../framework/rule";
import { chartName, releases } from "../../reading/releases";

export const kagentLine = rule({
  name: "supply-chain-kagent-line",
  layer: "supply-chain",
  severity: "critical",
  description: "kagent is of the 0.10 line or a later one before 1.0.",
  why: "1.0 removed per-agent Deployments and service accounts and bindings between namespaces: nothing that the layers hold on to is there.",
  remediation: ["Write on kagent and kagent-crds:", "  version: 0.10.4"],
  subjects: (stack) =>
    releases(stack).filter((release) => ["kagent", "kagent-crds"].includes(chartName(release))),
  *check(release) {
    const field = release.at("version");
    const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(field.text() ?? "") ?? [];
    if (major !== "0" || Number(minor) < 10) yield field.finding("must be at least 0.10.0 and below 1.0.0.");
  },
});
