import { GATEWAY_NAMESPACE } from "../../../topology/istio";
import { AGENT_PORT, CALLEE_HEADER } from "../../../topology/kagent";
import { calleeHeaderValue } from "../../../topology/names";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { callees } from "../../reading/agents";
import { ISTIO_NETWORKING } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

const byHeader = (stack: StackIndex) =>
  new Map(callees(stack).map((callee) => [calleeHeaderValue(callee), callee]));

export const routesDeclared = rule({
  name: "identity-routes-declared",
  layer: "identity",
  severity: "critical",
  description: `Each route of the gateway matches one callee's ${CALLEE_HEADER} exactly, and leads to that callee.`,
  why: "Authorization binds a caller to the header: a route that leads elsewhere delivers the call, and the token, to another agent.",
  remediation: [
    "Write:",
    `  match: [{headers: {${CALLEE_HEADER}: {exact: specialist.team-beta}}}]`,
    "  route: [{destination: {host: specialist.team-beta.svc.cluster.local, port: {number: 8080}}}]",
  ],
  subjects: (stack) => inGoverned(stack, ISTIO_NETWORKING, "VirtualService"),
  *check(service, stack) {
    if (service.namespace !== GATEWAY_NAMESPACE)
      yield service.root.finding("changes where calls to a tenant go. Remove it.");
    for (const key of ["tcp", "tls"])
      if (service.spec.at(key).items().length > 0)
        yield service.spec.at(key).finding("routes past the header. Remove it.");
    for (const route of service.spec.at("http").items()) {
      const headers = route
        .at("match")
        .items()
        .map((match) => match.at("headers", CALLEE_HEADER, "exact"));
      const [header] = headers;
      const callee = stack.derive(byHeader).get(header?.text() ?? "");
      if (headers.length !== 1 || callee === undefined) {
        yield route
          .at("match")
          .finding(`must be one exact ${CALLEE_HEADER} of an agent that others delegate to.`);
        continue;
      }
      for (const destination of route.at("route").items()) {
        const host = destination.at("destination", "host");
        if (host.text()?.startsWith(`${callee.name}.${callee.tenant}.svc.`) !== true)
          yield host.finding(`must be the Service of ${callee.id}.`);
        const port = destination.at("destination", "port", "number");
        if (port.number() !== AGENT_PORT) yield port.finding(`must be ${AGENT_PORT}.`);
      }
      for (const key of ["mirror", "mirrors", "redirect", "rewrite", "headers", "directResponse", "delegate"])
        if (route.at(key).isPresent)
          yield route.at(key).finding("changes the call or where it goes. Remove it.");
    }
  },
});
