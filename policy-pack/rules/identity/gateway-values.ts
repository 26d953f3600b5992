import { GATEWAY_NAME, GATEWAY_NAMESPACE, GATEWAY_PORT } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { releasesOf } from "../../reading/releases";

export const gatewayValues = rule({
  name: "identity-gateway-values",
  layer: "identity",
  severity: "critical",
  description:
    "The gateway between teams is inside the cluster, has the one port of mTLS, and the names that rules select.",
  why: "The chart's default is a public load balancer with three ports; a port that Istio takes for HTTP is routed by Host, past the route of the delegation (Istio 1.31, measured).",
  remediation: [
    "Write on the release of chart gateway:",
    `  name: ${GATEWAY_NAME}`,
    `  namespace: ${GATEWAY_NAMESPACE}`,
    "and in its values:",
    `  service: {type: ClusterIP, ports: [{name: tcp-a2a, port: ${GATEWAY_PORT}, targetPort: ${GATEWAY_PORT}, protocol: TCP}]}`,
    "  securityContext: {seccompProfile: {type: RuntimeDefault}}",
  ],
  subjects: (stack) => releasesOf(stack, "gateway"),
  *check(release) {
    if (release.at("name").text() !== GATEWAY_NAME)
      yield release.at("name").finding(`must be ${GATEWAY_NAME}: its account and labels follow from it.`);
    if (release.at("namespace").text() !== GATEWAY_NAMESPACE)
      yield release.at("namespace").finding(`must be ${GATEWAY_NAMESPACE}.`);
    const values = release.at("values");
    const type = values.at("service", "type");
    if (type.text() !== "ClusterIP") yield type.finding("must be ClusterIP.");
    const ports = values.at("service", "ports");
    const [first, ...others] = ports.items();
    if (first === undefined || others.length > 0)
      yield ports.finding(`must be the one port ${GATEWAY_PORT}.`);
    if (first !== undefined) {
      if (first.at("port").number() !== GATEWAY_PORT)
        yield first.at("port").finding(`must be ${GATEWAY_PORT}.`);
      if (!(first.at("name").text() ?? "").startsWith("tcp-"))
        yield first.at("name").finding("must begin with tcp-, or callers' sidecars route by Host.");
    }
    const seccomp = values.at("securityContext", "seccompProfile", "type");
    if (seccomp.text() !== "RuntimeDefault") yield seccomp.finding("must be RuntimeDefault.");
  },
});
