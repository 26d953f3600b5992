/** What lets a request through, or refuses it, by the names of the objects. */
import type { Allowed } from "./callers";
import { covering, Guard, headersOf, type Workload } from "./istio";
import { ruleMatches } from "./istio-rules";
import type { Doc, Objects } from "./objects";

const nameOf = ({ kind, metadata }: Doc): string => `${kind} ${metadata.namespace}/${metadata.name}`;

const matching = (policies: readonly Doc[], request: Allowed): string[] =>
  policies
    .filter(({ spec }) => (spec?.rules ?? []).some((rule: Doc) => ruleMatches(rule, request)))
    .map(nameOf);

export class Causes {
  #policies: readonly Doc[] | undefined;
  #guard: Guard | undefined;

  constructor(
    readonly objects: Objects,
    readonly to: Workload & { readonly name: string },
  ) {}

  #of(wanted: string): readonly Doc[] {
    this.#policies ??= covering(this.objects, "AuthorizationPolicy", this.to);
    return this.#policies.filter(({ spec }) => (spec?.action ?? "ALLOW") === wanted);
  }

  allowing(request: Allowed): string {
    const policies = this.#of("ALLOW");
    return policies.length === 0
      ? `no AuthorizationPolicy closes ${this.to.name}`
      : matching(policies, request).join(" and ");
  }

  /** @param request with a token of the declared claims; it is sent in the header that the workload looks at */
  refusing(request: Allowed): string {
    this.#guard ??= new Guard(this.objects, this.to);
    const { name } = this.to;
    const rule = this.#guard.jwt.find(({ issuer }) => issuer === request.token?.issuer);
    const header = rule && headersOf(rule)[0];
    const token = request.token && { ...request.token, header: header ?? request.token.header };
    switch (this.#guard.authorize({ ...request, token })) {
      case "no mutual TLS":
        return `${name} takes mutual TLS only`;
      case "token refused": {
        const refusing = covering(this.objects, "RequestAuthentication", this.to).map(nameOf);
        return `its token is refused by ${refusing.join(" and ")}`;
      }
      case "denied": {
        const denying = matching(this.#of("DENY"), { ...request, token });
        if (denying.length > 0) return `denied by ${denying.join(" and ")}`;
        return request.token !== undefined && rule === undefined
          ? `no RequestAuthentication of ${name} checks its token`
          : `no AuthorizationPolicy lets it into ${name}`;
      }
      case "allowed":
        return "it is let through in another way than declared";
    }
  }
}
