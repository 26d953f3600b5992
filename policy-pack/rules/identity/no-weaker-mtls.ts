import { GATEWAY_NAME, ISTIO_NAMESPACE } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { ISTIO_NETWORKING, ISTIO_SECURITY } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

function* subjects(stack: StackIndex) {
  for (const [group, kind] of [
    [ISTIO_SECURITY, "PeerAuthentication"],
    [ISTIO_NETWORKING, "DestinationRule"],
  ] as const) {
    yield* inGoverned(stack, group, kind);
    // What stands in the root namespace holds for the whole mesh.
    yield* stack.in(group, kind, ISTIO_NAMESPACE);
  }
}

export const noWeakerMtls = rule({
  name: "identity-no-weaker-mtls",
  layer: "identity",
  severity: "critical",
  description:
    "No workload or port of a governed namespace, or of the whole mesh, steps back from STRICT; clients keep the mesh's own TLS.",
  why: "One port at PERMISSIVE or DISABLE is a door beside the lock; a DestinationRule with another TLS mode sends calls without an identity.",
  remediation: [
    "Remove portLevelMtls, write mode: STRICT, and in DestinationRules:",
    "  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}",
  ],
  subjects,
  *check({ kind, spec, root }) {
    if (kind === "PeerAuthentication") {
      const mode = spec.at("mtls", "mode");
      if (mode.text() !== "STRICT") yield mode.finding("must be STRICT.");
      for (const [, port] of spec.at("portLevelMtls").entries())
        if (port.at("mode").text() !== "STRICT") yield port.at("mode").finding("must be STRICT.");
      return;
    }
    const policies = [
      spec.at("trafficPolicy"),
      ...spec.at("trafficPolicy", "portLevelSettings").items(),
      ...spec
        .at("subsets")
        .items()
        .flatMap((subset) => [
          subset.at("trafficPolicy"),
          ...subset.at("trafficPolicy", "portLevelSettings").items(),
        ]),
    ];
    for (const policy of policies) {
      const mode = policy.at("tls", "mode");
      if (policy.at("tls").isPresent && mode.text() !== "ISTIO_MUTUAL")
        yield mode.finding("must be ISTIO_MUTUAL.");
    }
    const isGateway = spec.at("host").text()?.startsWith(`${GATEWAY_NAME}.`) === true;
    if (isGateway && !spec.at("trafficPolicy", "tls").isPresent)
      yield root
        .at("spec", "trafficPolicy", "tls")
        .finding("a client sends plain text to a gateway without it. Write mode: ISTIO_MUTUAL.");
  },
});
