export type Labels = Readonly<Record<string, string>>;

/** The API server sets this label on every namespace and refuses another value: nobody can grant it to themselves. */
export const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** How this program signs what is its own, and the domain of its labels. */
export const PROGRAM = "kagent-a2a";
export const TENANT_LABEL = `${PROGRAM}/tenant`;
export const MANAGED_BY: Labels = { "app.kubernetes.io/managed-by": PROGRAM };
/** On an Agent: changes when its delegation tokens do, so that the controller renders it again (measured, kagent 0.10). */
export const FINGERPRINT_LABEL = `${PROGRAM}/token-fingerprint`;

/** On kagent's namespace: where the cluster itself is, which open ranges must leave out. Who reads policies alone cannot know it. */
export const CLUSTER_RANGES_ANNOTATION = `${PROGRAM}/cluster-ranges`;

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
