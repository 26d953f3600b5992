/** A request in the mesh, as the evaluators of Istio's policies see it. */
import type { Labels } from "./objects";

export interface Token {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** Whether it was signed by a key that is published. */
  readonly genuine: boolean;
  /** The header that carries it, in lower case, or `?<name>` for a parameter of the query. */
  readonly header: string;
  /** Whether one of these public keys (`jwks` of a rule) verifies it, where that is known better than by `genuine`. */
  readonly isVerifiedBy?: (jwks: unknown) => boolean;
  /** Text before it in the header. Envoy looks for a rule's prefix anywhere in the value (measured). Default: the prefix itself. */
  readonly before?: string;
  /** Claims besides, each a list. */
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}
export interface Workload {
  readonly namespace: string;
  readonly labels: Labels;
}
export interface Request {
  readonly to: Workload;
  readonly port: number;
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  /** Identity that mutual TLS proves; none for plaintext. */
  readonly principal?: string | undefined;
  /** The one token of the request; Istio leaves open what holds with several. */
  readonly token?: Token | undefined;
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}
