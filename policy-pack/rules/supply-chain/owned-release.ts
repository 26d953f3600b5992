import { rule } from "../../framework/rule";
import { releases } from "../../reading/releases";

export const ownedRelease = rule({
  name: "supply-chain-owned-release",
  layer: "supply-chain",
  severity: "medium",
  description: "Helm releases say their name, namespace and timeout, and create no namespace.",
  why: "A release that creates its namespace leaves it without labels, and so without mesh and Pod Security; names that Pulumi makes up are in no selector and no principal.",
  remediation: [
    "Write:",
    "  name: kagent",
    "  namespace: kagent",
    "  createNamespace: false",
    "  timeout: 900",
  ],
  subjects: releases,
  *check(release) {
    for (const key of ["name", "namespace"])
      if ((release.at(key).text() ?? "") === "") yield release.at(key).finding("is missing.");
    const create = release.at("createNamespace");
    if (create.flag() === true) yield create.finding("must be false: declare the Namespace with its labels.");
    const timeout = release.at("timeout");
    if ((timeout.number() ?? 0) <= 0) yield timeout.finding("must be a number of seconds, such as 900.");
  },
});
