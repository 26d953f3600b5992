import { dottedId, tokenSecretName } from "../../../topology/names";
import { TOKEN_ISSUER } from "../../../topology/token";
import type { Field } from "../../framework/field";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { CORE } from "../../reading/kinds";

const SUFFIX = tokenSecretName("");

/** Entries of a token Secret, decoded. */
function* tokens(stack: StackIndex): Iterable<{ field: Field; caller: string; encoded: boolean }> {
  for (const secret of stack.of(CORE, "Secret")) {
    if (!secret.name.endsWith(SUFFIX)) continue;
    const caller = dottedId({ tenant: secret.namespace, name: secret.name.slice(0, -SUFFIX.length) });
    for (const [, field] of secret.at("stringData").entries()) yield { field, caller, encoded: false };
    for (const [, field] of secret.at("data").entries()) yield { field, caller, encoded: true };
  }
}

function part(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const claims = rule({
  name: "token-claims",
  layer: "token",
  severity: "critical",
  description: "A token Secret holds tokens of its own agent, each for the callee that its key names.",
  why: "A token of another caller is that caller's identity; `alg: none` or a shared secret can be minted by anyone who holds it.",
  remediation: [
    "Sign with Ed25519 (alg EdDSA), with sub `<tenant>.<agent>` of the caller and aud of the callee, which is also the key in the Secret.",
  ],
  readsAtUp: { group: CORE, kind: "Secret" },
  subjects: tokens,
  *check({ field, caller, encoded }) {
    const text = field.text() ?? "";
    const token = encoded ? Buffer.from(text, "base64").toString("utf8") : text;
    const [head, body, signature] = token.split(".");
    const { alg } = part(head);
    const { iss, sub, aud } = part(body);
    if (alg !== "EdDSA" || signature === undefined || signature === "")
      yield field.finding("must be a token signed with EdDSA.");
    else if (iss !== TOKEN_ISSUER || sub !== caller || aud !== field.key)
      yield field.finding(`must be a token of ${caller} (iss, sub) for ${field.key} (aud).`);
  },
});
