import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";
import { checkedAt } from "../../reading/tokens";
import { USER_WORKLOADS } from "../../reading/users";

export const trustedProxy = rule({
  name: "identity-trusted-proxy",
  layer: "identity",
  severity: "critical",
  description: "kagent takes users from their tokens where the mesh verifies these, and only there.",
  why: "As trusted-proxy the controller does not look at signatures; as unsecure it believes X-User-Id of whoever gets through (kagent 0.10).",
  remediation: [
    "With userAuth: oidc write in the values of chart kagent:",
    "  controller: {auth: {mode: trusted-proxy}}",
    "and without it leave the mode out.",
  ],
  subjects: (stack) => releasesOf(stack, "kagent"),
  *check(release, stack) {
    const mode = release.at("values", "controller", "auth", "mode");
    const isTrusting = mode.text() === "trusted-proxy";
    for (const kind of USER_WORKLOADS) {
      const isVerified = checkedAt(stack, { kind }).length > 0;
      if (isTrusting && !isVerified)
        yield mode.finding(`believes tokens that nothing in this stack verifies in front of the ${kind}.`);
      if (!isTrusting && isVerified && kind === "controller")
        yield mode.finding("must be trusted-proxy: the token that the mesh verifies is not who the user is.");
    }
  },
});
