/** Where users' tokens are checked: at the controller and the UI of kagent. */
import type { StackIndex } from "../framework/stack-index";
import { checkedAt } from "./tokens";

export const USER_WORKLOADS = ["controller", "ui"] as const;

/** Whether a stack verifies users at all. */
export const verifiesUsers = (stack: StackIndex): boolean =>
  USER_WORKLOADS.some((kind) => checkedAt(stack, { kind }).length > 0);

/** Issuers of users: those that the UI knows. The controller knows that of the agents' service accounts too. */
export const userIssuers = (stack: StackIndex): ReadonlySet<string> =>
  new Set(
    checkedAt(stack, { kind: "ui" })
      .flatMap((object) => object.spec.at("jwtRules").items())
      .map((rule) => rule.at("issuer").text() ?? ""),
  );
