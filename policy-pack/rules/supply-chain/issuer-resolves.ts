import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { certificates, isExternal, issuerOf } from "../../reading/issuers";
import { CERT_MANAGER } from "../../reading/kinds";
import { writersOf } from "../../reading/secrets";

/** Secrets of ClusterIssuers lie in the namespace of cert-manager itself. */
const CLUSTER_NAMESPACE = "cert-manager";

function* subjects(stack: StackIndex) {
  yield* certificates(stack);
  yield* stack.of(CERT_MANAGER, "Issuer");
  yield* stack.of(CERT_MANAGER, "ClusterIssuer");
}

export const issuerResolves = rule({
  name: "supply-chain-issuer-resolves",
  layer: "supply-chain",
  severity: "medium",
  description:
    "Certificates refer to issuers of the stack, and issuers of type ca to a Secret that the stack writes.",
  why: "An issuer that is not there leaves the Certificate pending for good, and whoever creates one of that name decides who signs.",
  remediation: ["Declare the issuer, or correct issuerRef.kind and issuerRef.name."],
  subjects,
  *check(object, stack) {
    if (object.kind === "Certificate") {
      const reference = object.spec.at("issuerRef");
      if (!isExternal(object) && issuerOf(stack, object) === undefined)
        yield reference.finding(
          `there is no ${reference.at("kind").text() ?? "Issuer"} ${reference.at("name").text() ?? "without name"} in this stack.`,
        );
      return;
    }
    const secret = object.spec.at("ca", "secretName");
    const namespace = object.kind === "ClusterIssuer" ? CLUSTER_NAMESPACE : object.namespace;
    if (secret.isPresent && writersOf(stack, `${namespace}/${secret.text()}`).length === 0)
      yield secret.finding(
        `nothing in this stack writes Secret ${namespace}/${secret.text()}. Declare its Certificate or Secret there.`,
      );
  },
});
