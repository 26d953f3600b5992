import { ISTIO_NAMESPACE } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { governed } from "../../reading/scope";

const KINDS = [
  ["networking.istio.io", "EnvoyFilter"],
  ["networking.istio.io", "Sidecar"],
  ["networking.istio.io", "ProxyConfig"],
  ["networking.istio.io", "WorkloadEntry"],
  ["networking.istio.io", "WorkloadGroup"],
  ["extensions.istio.io", "WasmPlugin"],
] as const;

export const noProxyConfiguration = rule({
  name: "identity-no-proxy-configuration",
  layer: "identity",
  severity: "critical",
  description: "Nothing reconfigures the proxies of governed namespaces, there or for the whole mesh.",
  why: "An EnvoyFilter or WasmPlugin can remove mTLS, authorization and token checks from a proxy, a Sidecar its listeners, and a WorkloadEntry lends an identity to an address.",
  remediation: ["Remove the object. What the layers need, they write themselves."],
  subjects: (stack) => KINDS.flatMap(([group, kind]) => stack.of(group, kind)),
  *check(object, stack) {
    if (object.namespace === ISTIO_NAMESPACE || governed(stack).has(object.namespace))
      yield object.root.finding("reconfigures proxies that the layers rely on. Remove it.");
  },
});
