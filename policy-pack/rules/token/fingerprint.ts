import { FINGERPRINT_LABEL } from "../../../topology/labels";
import { rule } from "../../framework/rule";
import { agents, calleesOf } from "../../reading/agents";

export const fingerprint = rule({
  name: "token-fingerprint",
  layer: "token",
  severity: "medium",
  description: "Agents that delegate carry a fingerprint of their tokens as a label.",
  why: "kagent copies a token into the agent's configuration when it reconciles, and does not see a rotated Secret (#2404): only a changed label or generation renders it again (measured).",
  remediation: [
    "Label the Agent with a hash of its token claims and the generation of the key:",
    `  ${FINGERPRINT_LABEL}: 0123456789abcdef`,
  ],
  subjects: (stack) => agents(stack).filter(({ id }) => calleesOf(stack, id).length > 0),
  *check({ object }) {
    const field = object.at("metadata", "labels", FINGERPRINT_LABEL);
    if (!/^[0-9a-f]{16,63}$/.test(field.text() ?? ""))
      yield field.finding("must be a hash of at least 16 hexadecimal digits.");
  },
});
