import { rule } from "../../framework/rule";
import { certificates, issuerOf } from "../../reading/issuers";

export const leafIssuer = rule({
  name: "supply-chain-leaf-issuer",
  layer: "supply-chain",
  severity: "high",
  description: "Certificates that are no authority are signed by one.",
  why: "A selfSigned issuer signs each certificate with its own key: nobody can verify it but by trusting that one certificate.",
  remediation: [
    "Let selfSigned sign the root only (isCA: true), and leaves refer to an issuer of type ca:",
    "  issuerRef: {kind: ClusterIssuer, name: mesh-root}",
  ],
  subjects: certificates,
  *check(certificate, stack) {
    const issuer = issuerOf(stack, certificate);
    if (issuer?.spec.at("selfSigned").isPresent === true && certificate.spec.at("isCA").flag() !== true)
      yield certificate.spec
        .at("issuerRef")
        .finding("is a selfSigned issuer. Refer to one of type ca or vault.");
  },
});
