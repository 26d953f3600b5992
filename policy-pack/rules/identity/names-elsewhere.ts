import { GATEWAY_LABELS, GATEWAY_NAME, GATEWAY_NAMESPACE } from "../../../topology/istio";
import type { Field } from "../../framework/field";
import type { Finding } from "../../framework/finding";
import type { StackObject } from "../../framework/object";
import { rule } from "../../framework/rule";
import type { StackIndex } from "../../framework/stack-index";
import { ISTIO_NETWORKING } from "../../reading/kinds";
import { governed } from "../../reading/scope";

const KINDS = ["VirtualService", "DestinationRule", "ServiceEntry", "Gateway"] as const;
const GATEWAYS = [`${GATEWAY_NAMESPACE}/${GATEWAY_NAME}`];
/** Gateways of a VirtualService that mean the sidecars of the mesh. */
const MESH = "mesh";

/** Whether a host means a Service of a governed namespace, or takes one in. */
function meansGoverned(stack: StackIndex, host: string): boolean {
  if (!host.startsWith("*")) {
    const [, namespace = "", ...rest] = host.split(".");
    return governed(stack).has(namespace) && (rest.length === 0 || rest[0] === "svc");
  }
  const domain = host.replace(/^\*\.?/, "");
  const labels = domain.split(".");
  // `*`, `*.com`, `*.local`: every host, or every one of a kind.
  if (domain === "" || labels.length < 2) return true;
  return labels[0] === "svc" || (labels[1] === "svc" && governed(stack).has(labels[0] ?? ""));
}

/** Whether others than its own namespace see an object; without `exportTo` everybody does. */
function isExported({ spec }: StackObject): boolean {
  const scope = spec.at("exportTo").texts();
  return scope.length === 0 || scope.some((name) => name !== "." && name !== "~");
}

function* hosts(stack: StackIndex, fields: readonly Field[]): Iterable<Finding> {
  for (const field of fields)
    if (meansGoverned(stack, field.text() ?? ""))
      yield field.finding("means a governed namespace, or hosts of every name. Name hosts of your own.");
}

function* virtualService(service: StackObject, stack: StackIndex): Iterable<Finding> {
  const gateways = service.spec.at("gateways").items();
  for (const gateway of gateways)
    if (GATEWAYS.includes(gateway.text() ?? ""))
      yield gateway.finding("routes at the gateway between tenants. Remove it.");
  const isOfMesh = gateways.length === 0 || gateways.some((gateway) => gateway.text() === MESH);
  if (isOfMesh && isExported(service)) yield* hosts(stack, service.spec.at("hosts").items());
}

function* gateway({ spec }: StackObject): Iterable<Finding> {
  const selector = spec.at("selector");
  const labels = [...selector.textMap()];
  const known: Readonly<Record<string, string>> = GATEWAY_LABELS;
  if (labels.every(([key, value]) => known[key] === value))
    yield selector.finding("selects the pods of the gateway between tenants. Select others.");
}

export const namesElsewhere = rule({
  name: "identity-names-elsewhere",
  layer: "identity",
  severity: "critical",
  description:
    "Mesh objects of other namespaces name no host of a governed one, and not the gateway between tenants.",
  why: "Istio takes routes, TLS settings and hosts from every namespace: one elsewhere leads delegations, and their tokens, to somebody else (Istio 1.31).",
  remediation: [
    "Name hosts of your own, or keep the object to its own namespace:",
    "  spec: {exportTo: ['.']}",
  ],
  subjects: (stack) =>
    governed(stack).size === 0
      ? []
      : KINDS.flatMap((kind) => stack.of(ISTIO_NETWORKING, kind)).filter(
          ({ namespace }) => !governed(stack).has(namespace),
        ),
  *check(object, stack) {
    if (object.kind === "Gateway") yield* gateway(object);
    else if (object.kind === "VirtualService") yield* virtualService(object, stack);
    else if (isExported(object))
      yield* hosts(
        stack,
        object.kind === "DestinationRule" ? [object.spec.at("host")] : object.spec.at("hosts").items(),
      );
  },
});
