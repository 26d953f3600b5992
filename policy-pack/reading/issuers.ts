/** cert-manager's issuers and who asks them (cert-manager 1.21). */
import type { StackObject } from "../framework/object";
import type { StackIndex } from "../framework/stack-index";
import { CERT_MANAGER } from "./kinds";

export const certificates = (stack: StackIndex): readonly StackObject[] =>
  stack.of(CERT_MANAGER, "Certificate");

/** The issuer that a Certificate refers to; undefined when it is not in the stack. */
export function issuerOf(stack: StackIndex, certificate: StackObject): StackObject | undefined {
  const reference = certificate.spec.at("issuerRef");
  const name = reference.at("name").text();
  const kind = reference.at("kind").text() ?? "Issuer";
  const list =
    kind === "ClusterIssuer"
      ? stack.of(CERT_MANAGER, kind)
      : stack.in(CERT_MANAGER, kind, certificate.namespace);
  return list.find((issuer) => issuer.name === name);
}
export const isExternal = (certificate: StackObject): boolean => {
  const group = certificate.spec.at("issuerRef", "group").text();
  return group !== undefined && group !== CERT_MANAGER;
};
