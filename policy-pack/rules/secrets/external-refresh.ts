import { rule } from "../../framework/rule";
import { EXTERNAL_SECRETS } from "../../reading/kinds";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const DAY = 86_400;

/** A duration of Go, such as `1h30m`; undefined for anything else. */
function seconds(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) return undefined;
  return parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (SECONDS[unit] ?? 0.001), 0);
}

export const externalRefresh = rule({
  name: "secrets-external-refresh",
  layer: "secrets",
  severity: "medium",
  description: "External Secrets are read again at least once a day.",
  why: "A rotated or revoked secret reaches the cluster with the next refresh only; 0 and OnChange never ask again.",
  remediation: ["Write:", "  spec: {refreshPolicy: Periodic, refreshInterval: 1h}"],
  subjects: (stack) => stack.of(EXTERNAL_SECRETS, "ExternalSecret"),
  *check(object) {
    const policy = object.spec.at("refreshPolicy");
    if (!["Periodic", undefined].includes(policy.text())) yield policy.finding("must be Periodic.");
    const field = object.spec.at("refreshInterval");
    const text = field.text();
    // Left out, it is an hour.
    const interval = text === undefined ? 3600 : seconds(text);
    if (interval === undefined || interval <= 0 || interval > DAY)
      yield field.finding("must be more than nothing and at most 24h.");
  },
});
