/** What lets a request through, or refuses it, by the names of the objects. */
import type { Allowed } from "./callers";
import { covering, Guard, headersOf, type Workload } from "./istio";
import { ruleMatches } from "./istio-rules";
import type { Doc, Objects } from "./objects";

const nameOf = ({ kind, metadata }: Doc): string => `${kind} ${metadata.namespace}/${metadata.name}`;

const policiesOf = (objects: Objects, to: Workload, wanted: string): readonly Doc[] =>
  covering(objects, "AuthorizationPolicy", to).filter(({ spec }) => (spec?.action ?? "ALLOW") === wanted);
const matching = (policies: readonly Doc[], request: Allowed): string[] =>
  policies
    .filter(({ spec }) => (spec?.rules ?? []).some((rule: Doc) => ruleMatches(rule, request)))
    .map(nameOf);

export function allowedBy(
  objects: Objects,
  to: Workload & { readonly name: string },
  request: Allowed,
): string {
  const policies = policiesOf(objects, to, "ALLOW");
  return policies.length === 0
    ? `no AuthorizationPolicy closes ${to.name}`
    : matching(policies, request).join(" and ");
}

/** @param request with a token of the declared claims, in the header that the workload looks at */
export function refusedBy(
  objects: Objects,
  to: Workload & { readonly name: string },
  request: Allowed,
): string {
  const guard = new Guard(objects, to);
  const rule = guard.jwt.find(({ issuer }) => issuer === request.token?.issuer);
  const header = rule && headersOf(rule)[0];
  const token = request.token && { ...request.token, header: header ?? request.token.header };
  switch (guard.authorize({ ...request, token })) {
    case "no mutual TLS":
      return `${to.name} takes mutual TLS only`;
    case "token refused":
      return `its token is refused by ${covering(objects, "RequestAuthentication", to).map(nameOf).join(" and ")}`;
    case "denied": {
      const denying = matching(policiesOf(objects, to, "DENY"), { ...request, token });
      if (denying.length > 0) return `denied by ${denying.join(" and ")}`;
      if (request.token !== undefined && rule === undefined)
        return `no RequestAuthentication of ${to.name} checks its token`;
      return `no AuthorizationPolicy lets it into ${to.name}`;
    }
    case "allowed":
      return `it is let through in another way than declared`;
  }
}
