import { rule } from "../../framework/rule";
import { releases } from "../../reading/releases";

/** Inputs of a Release besides its values that change what is installed (@pulumi/kubernetes 4.34). */
const ELSEWHERE = ["postrender", "valueYamlFiles", "reuseValues", "devel"] as const;

export const valuesInSight = rule({
  name: "supply-chain-values-in-sight",
  layer: "supply-chain",
  severity: "critical",
  description: "What a Helm release installs follows from its chart, its version and the values in it.",
  why: "A file, the values of an earlier release, or a program that rewrites the manifests installs what no rule has seen.",
  remediation: [`Remove ${ELSEWHERE.join(", ")}, and write the values below:`, "  values: {...}"],
  subjects: releases,
  *check(release) {
    for (const key of ELSEWHERE) {
      const field = release.at(key);
      if (field.isPresent && field.value !== false && JSON.stringify(field.value) !== "[]")
        yield field.finding("installs what does not stand here. Remove it.");
    }
  },
});
