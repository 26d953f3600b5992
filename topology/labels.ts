export type Labels = Readonly<Record<string, string>>;

/** The API server sets this label on every namespace and refuses another value: nobody can grant it to themselves. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

export const TENANT_LABEL = "kagent-a2a/tenant";
export const MANAGED_BY: Labels = { "app.kubernetes.io/managed-by": "kagent-a2a" };
/** On an Agent: changes when its delegation tokens do, so that the controller renders it again (measured, kagent 0.10). */
export const FINGERPRINT_LABEL = "kagent-a2a/token-fingerprint";

/** Pod Security Admission, all three modes at one level and one pinned version. */
export function podSecurityLabels(
  version: string,
  level: "restricted" | "privileged" = "restricted",
): Labels {
  const modes = ["enforce", "audit", "warn"] as const;
  return Object.fromEntries(
    modes.flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, level],
      [`pod-security.kubernetes.io/${mode}-version`, version],
    ]),
  );
}

export function namespaceSelector(...namespaces: string[]): {
  matchExpressions: { key: string; operator: "In"; values: string[] }[];
} {
  return {
    matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator: "In", values: [...namespaces].sort() }],
  };
}
