import { KAGENT_NAMESPACE } from "../../../topology/kagent";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import { isOpen, parseRange } from "../../reading/addresses";
import { ISTIO_NETWORKING } from "../../reading/kinds";
import { inGoverned } from "../../reading/scope";

const INTERNAL = /(^|\.)(svc|cluster|local|internal|localhost)(\.|$)/;

/**
 * kagent's external database: Postgres asks for TLS inside of its own protocol, so the mesh knows it by its addresses alone.
 * They pass unchanged (`NONE`), and NetworkPolicy says who may reach them.
 */
function isDatabaseEntry(entry: StackObject): boolean {
  const ranges = entry.spec.at("addresses").texts().map(parseRange);
  return (
    entry.namespace === KAGENT_NAMESPACE &&
    entry.spec.at("resolution").text() === "NONE" &&
    ranges.length > 0 &&
    ranges.every((range) => range !== undefined && !isOpen(range)) &&
    entry.spec
      .at("ports")
      .items()
      .every((port) => port.at("protocol").text() === "TCP")
  );
}

export const serviceEntries = rule({
  name: "network-service-entries",
  layer: "network",
  severity: "high",
  description:
    "ServiceEntries of governed namespaces name hosts outside of the cluster, for their own namespace only.",
  why: "With REGISTRY_ONLY a ServiceEntry is what lets a host be reached: a wildcard lets all of them, and one that is exported lets every team, or takes over a name inside the mesh.",
  remediation: [
    "Write:",
    "  spec: {hosts: [api.openai.com], location: MESH_EXTERNAL, exportTo: ['.'], ports: [{number: 443, name: tls, protocol: TLS}]}",
  ],
  subjects: (stack) => inGoverned(stack, ISTIO_NETWORKING, "ServiceEntry"),
  *check(entry) {
    for (const host of entry.spec.at("hosts").items()) {
      const name = host.text() ?? "";
      const [, ...domain] = name.split(".");
      if (INTERNAL.test(name) || !name.includes(".") || (name.startsWith("*") && domain.length < 2))
        yield host.finding("is no host outside of the cluster. Name the endpoint.");
    }
    const location = entry.spec.at("location");
    if (!["MESH_EXTERNAL", undefined].includes(location.text()))
      yield location.finding("must be MESH_EXTERNAL.");
    const scope = entry.spec.at("exportTo").texts();
    if (scope.length !== 1 || scope[0] !== ".") yield entry.spec.at("exportTo").finding('must be ["."].');
    const isDatabase = isDatabaseEntry(entry);
    for (const key of ["addresses", "endpoints", "workloadSelector"])
      if (entry.spec.at(key).isPresent && !(key === "addresses" && isDatabase))
        yield entry.spec.at(key).finding("sends calls somewhere else than the host's name says. Remove it.");
    for (const port of entry.spec.at("ports").items())
      if (!["TLS", "HTTPS"].includes(port.at("protocol").text() ?? "") && !isDatabase)
        yield port.at("protocol").finding("must be TLS.");
  },
});
