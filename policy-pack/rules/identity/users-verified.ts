import { isDeepStrictEqual } from "node:util";
import { AGENT_NAME_HEADER, KAGENT_NAMESPACE } from "../../../topology/kagent";
import { USER_TOKEN_HEADER } from "../../../topology/users";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { allowsOf, ownersIn, sources } from "../../reading/authorization";
import { namespaceObject } from "../../reading/scope";
import { checkedAt } from "../../reading/tokens";
import { USER_WORKLOADS, userIssuers, verifiesUsers } from "../../reading/users";

type UserWorkload = (typeof USER_WORKLOADS)[number];

/** One issuer: from the one header that kagent reads, for kagent, with keys that somebody can be held to. */
function* jwtRule(entry: Field): Iterable<Finding> {
  if (entry.at("audiences").items().length === 0)
    yield entry.at("audiences").finding("is empty: tokens for any other application would do.");
  const [header, ...more] = entry.at("fromHeaders").items();
  const isOwn =
    more.length === 0 &&
    header?.at("name").text() === USER_TOKEN_HEADER.name &&
    header.at("prefix").text() === USER_TOKEN_HEADER.prefix;
  if (!isOwn)
    yield entry
      .at("fromHeaders")
      .finding('must be Authorization with prefix "Bearer ", which is all that kagent reads.');
  for (const key of ["fromParams", "fromCookies"])
    if (entry.at(key).items().length > 0)
      yield entry.at(key).finding("takes tokens from where kagent does not look. Remove it.");
  if (entry.at("forwardOriginalToken").flag() !== true)
    yield entry
      .at("forwardOriginalToken")
      .finding("must be true: the controller reads the user from the token.");
  const uri = entry.at("jwksUri");
  if (uri.isPresent === entry.at("jwks").isPresent)
    yield entry.at("jwks").finding("or jwksUri must be there, and not both.");
  if (uri.isPresent && !(uri.text() ?? "").startsWith("https://"))
    yield uri.finding("must be https: whoever answers there decides who users are.");
}

/** What tokens of users must be is the same at the controller and the UI: each knows of no other application, and of no other keys. */
function* sameUsers(controller: StackObject, stack: StackIndex): Iterable<Finding> {
  const rules = controller.spec.at("jwtRules");
  for (const wanted of checkedAt(stack, { kind: "ui" }).flatMap((ui) => ui.spec.at("jwtRules").items())) {
    const own = rules.items().find((rule) => rule.at("issuer").text() === wanted.at("issuer").text());
    if (own === undefined)
      yield rules.finding("knows fewer issuers of users than the UI. Write the same ones.");
    else
      for (const key of ["audiences", "jwksUri", "jwks"])
        if (!isDeepStrictEqual(own.at(key).value, wanted.at(key).value))
          yield own.at(key).finding("is not what the UI demands of the same issuer. Write the same in both.");
  }
}

/** A rule that lets in whoever acts for a user. */
function* userRule(entry: Field, stack: StackIndex): Iterable<Finding> {
  let forUsers = false;
  const issuers = stack.derive(userIssuers);
  for (const source of sources(entry)) {
    const owners = ownersIn(stack, source);
    if (!owners.some((owner) => owner === "outside" || (typeof owner === "object" && owner.kind === "ui")))
      continue;
    forUsers = true;
    const subjects = source.at("requestPrincipals");
    if (subjects.items().length === 0) yield subjects.finding("is missing: no token of a user is demanded.");
    for (const item of subjects.items()) {
      const text = item.text() ?? "";
      if (!issuers.has(text.slice(0, text.lastIndexOf("/"))))
        yield item.finding("is of no issuer of users, those that the UI checks.");
    }
  }
  if (!forUsers) return;
  const refusesAgents = entry
    .at("when")
    .items()
    .some(
      (condition) =>
        condition.at("key").text()?.toLowerCase() === `request.headers[${AGENT_NAME_HEADER}]` &&
        condition.at("notValues").texts().includes("*"),
    );
  if (!refusesAgents)
    yield entry
      .at("when")
      .finding(
        `must refuse ${AGENT_NAME_HEADER}: with it the controller believes X-User-Id instead of the token.`,
      );
}

export const usersVerified = rule({
  name: "identity-users-verified",
  layer: "identity",
  severity: "critical",
  description:
    "Where users' tokens are checked, the controller and the UI both demand one, from the header that kagent reads, and take no user for an agent.",
  why: "As trusted-proxy the controller believes any token, and of who says to be an agent X-User-Id (kagent 0.10): what the mesh does not verify, nobody does.",
  remediation: [
    "Set userAuth: oidc, or write for controller and UI:",
    "  jwtRules: [{issuer: https://login.example.com, audiences: [kagent], jwksUri: https://..., forwardOriginalToken: true, fromHeaders: [{name: Authorization, prefix: 'Bearer '}]}]",
    "and in each rule that lets in the UI or the pods that bring users:",
    "  from: [{source: {principals: [...], requestPrincipals: [https://login.example.com/*]}}]",
    "  when: [{key: 'request.headers[x-agent-name]', notValues: ['*']}]",
  ],
  *subjects(stack) {
    if (verifiesUsers(stack)) yield* USER_WORKLOADS;
  },
  *check(kind: UserWorkload, stack) {
    const found = checkedAt(stack, { kind });
    if (found.length !== 1) {
      const witness =
        namespaceObject(stack, KAGENT_NAMESPACE) ??
        checkedAt(stack, { kind: "controller" })[0] ??
        checkedAt(stack, { kind: "ui" })[0];
      if (witness !== undefined)
        yield witness.root.finding(
          `the ${kind} has ${found.length} RequestAuthentications in this stack. Declare exactly one.`,
        );
    }
    for (const object of found) {
      for (const entry of object.spec.at("jwtRules").items()) yield* jwtRule(entry);
      if (kind === "controller") yield* sameUsers(object, stack);
    }
    for (const { rules } of allowsOf(stack, { kind }))
      for (const entry of rules) yield* userRule(entry, stack);
  },
});
