import { rule } from "../../framework/rule";
import { releases } from "../../reading/releases";

export const exactVersion = rule({
  name: "supply-chain-exact-version",
  layer: "supply-chain",
  severity: "high",
  description: "Helm releases name an exact version of their chart.",
  why: "Without one the newest is installed, whatever it is by then: today `kagent` without a version is 1.x, which cannot be governed.",
  remediation: ["Write:", "  version: 0.10.4"],
  subjects: releases,
  *check(release) {
    const field = release.at("version");
    if (!/^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(field.text() ?? ""))
      yield field.finding("must be an exact version such as 0.10.4.");
  },
});
