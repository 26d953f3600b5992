import { GATEWAY_LABELS, GATEWAY_NAME, GATEWAY_NAMESPACE, GATEWAY_PORT } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { callees } from "../../reading/agents";
import { gatewayObject, gatewayWitness } from "../../reading/gateway";
import { ISTIO_NETWORKING } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

export const gatewayMtls = rule({
  name: "identity-gateway-mtls",
  layer: "identity",
  severity: "critical",
  description:
    "The gateway between tenants demands the mesh's client certificate, callers send it, and no other namespace adds routes to it.",
  why: "A route of another namespace with a more specific host would answer in the callee's place, and a client's sidecar sends plain text to a gateway unless its server is ISTIO_MUTUAL and a DestinationRule says so: there would be no principal to authorize (measured, istiod 1.31).",
  remediation: [
    "Write on the Gateway and on the DestinationRule of its host:",
    "  servers: [{port: {number: 8083, name: https-a2a, protocol: HTTPS}, hosts: ['./*'], tls: {mode: ISTIO_MUTUAL}}]",
    "  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}",
  ],
  *subjects(stack) {
    const witness = gatewayWitness(stack);
    if (witness !== undefined && callees(stack).length > 0) yield { witness };
    for (const gateway of inGoverned(stack, ISTIO_NETWORKING, "Gateway"))
      if (gateway !== gatewayObject(stack)) yield { gateway };
  },
  *check(subject, stack) {
    if (subject.gateway !== undefined) {
      yield subject.gateway.root.finding("is another way into a governed namespace. Remove it.");
      return;
    }
    const { witness } = subject;
    const gateway = gatewayObject(stack);
    if (gateway === undefined)
      yield witness.root.finding(
        `there is no Gateway ${GATEWAY_NAMESPACE}/${GATEWAY_NAME} in this stack. Declare it.`,
      );
    if (gateway !== undefined) {
      const labels = gateway.spec.at("selector").textMap();
      if (
        !Object.entries(GATEWAY_LABELS).every(([key, value]) => labels.get(key) === value) ||
        labels.size !== 2
      )
        yield gateway.spec.at("selector").finding("must be the labels of the gateway's pods.");
      for (const server of gateway.spec.at("servers").items()) {
        if (server.at("port", "number").number() !== GATEWAY_PORT)
          yield server.at("port", "number").finding(`must be ${GATEWAY_PORT}.`);
        if (server.at("port", "protocol").text() !== "HTTPS")
          yield server.at("port", "protocol").finding("must be HTTPS.");
        for (const host of server.at("hosts").items())
          if (![".", GATEWAY_NAMESPACE].some((own) => host.text()?.startsWith(`${own}/`)))
            yield host.finding("takes routes of other namespaces. Write ./*.");
        if (server.at("tls", "mode").text() !== "ISTIO_MUTUAL")
          yield server.at("tls", "mode").finding("must be ISTIO_MUTUAL.");
      }
    }
    const clients = stack
      .in(ISTIO_NETWORKING, "DestinationRule", GATEWAY_NAMESPACE)
      .filter(
        ({ spec }) =>
          spec.at("host").text()?.startsWith(`${GATEWAY_NAME}.${GATEWAY_NAMESPACE}.svc.`) === true,
      );
    if (!clients.some(({ spec }) => spec.at("trafficPolicy", "tls", "mode").text() === "ISTIO_MUTUAL"))
      yield witness.root.finding(
        `no DestinationRule makes callers use ISTIO_MUTUAL to ${GATEWAY_NAME}. Declare it in ${GATEWAY_NAMESPACE}.`,
      );
  },
});
