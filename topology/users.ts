/** What `userAuth` and `database` mean to the chart of kagent (0.10.4), and how users appear in the mesh. */
import type { Topology } from "./graph";
import type { ExternalDatabaseSettings, OidcSettings } from "./schema";

/**
 * Where users' tokens are taken from, and nowhere else. Without it Envoy also reads the query parameter `access_token`, which
 * the controller does not look at: a request could be let through for one user and served as another.
 */
export const USER_TOKEN_HEADER = { name: "Authorization", prefix: "Bearer " } as const;

/** Any user of the issuer, as AuthorizationPolicy `requestPrincipals` wants it; istiod splits it at its last slash (measured). */
export const anyUserOf = ({ issuer }: OidcSettings): string => `${issuer}/*`;

/** Values `controller.auth` of chart kagent: who the controller believes a caller to be. */
export interface KagentAuthValues {
  readonly mode: "unsecure" | "trusted-proxy";
  readonly userIdClaim?: string;
}
export function kagentAuthValues({ oidc }: Pick<Topology, "oidc">): KagentAuthValues {
  // The proxy that it trusts is its own sidecar, which lets no request through whose token it has not verified.
  return oidc === undefined ? { mode: "unsecure" } : { mode: "trusted-proxy", userIdClaim: oidc.userIdClaim };
}

const DATABASE_VOLUME = "database-url";
const DATABASE_MOUNT = "/var/run/secrets/kagent-database";
/** Where the controller finds the URL, and nothing besides it. */
export const DATABASE_MOUNTS = [
  { name: DATABASE_VOLUME, mountPath: DATABASE_MOUNT, readOnly: true },
] as const;
/** One key of one Secret. */
export const databaseVolumes = (secretName: string, key: string) => [
  { name: DATABASE_VOLUME, secret: { secretName, items: [{ key, path: key }] } },
];

export interface KagentDatabaseValues {
  readonly database: Readonly<Record<string, unknown>>;
  /** Where the controller reads the URL of a database that stands elsewhere. */
  readonly controller?: Readonly<Record<string, unknown>>;
}
/** Values of chart kagent for its database; to be merged with the others, key by key. */
export function kagentDatabaseValues({
  externalDatabase,
}: Pick<Topology, "externalDatabase">): KagentDatabaseValues {
  if (externalDatabase === undefined) return { database: { postgres: { bundled: { enabled: true } } } };
  const { secret, key } = externalDatabase;
  return {
    database: { postgres: { urlFile: databaseUrlFile(externalDatabase), bundled: { enabled: false } } },
    controller: {
      volumes: databaseVolumes(secret, key),
      volumeMounts: DATABASE_MOUNTS,
    },
  };
}

const databaseUrlFile = ({ key }: ExternalDatabaseSettings): string => `${DATABASE_MOUNT}/${key}`;
