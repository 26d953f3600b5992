import { GATEWAY_SCOPE } from "../../../topology/istio";
import { rule } from "../../framework/rule";
import { trustDomain } from "../../reading/authorization";
import { releasesOf } from "../../reading/releases";

export const meshValues = rule({
  name: "identity-mesh-values",
  layer: "identity",
  severity: "high",
  description:
    "istiod injects sidecars that Pod Security admits, starts applications behind them, names its trust domain, and keeps Gateways of other namespaces off a gateway.",
  why: "Without the CNI plugin and a seccomp profile no pod of a restricted namespace starts; an application before its sidecar talks past every rule; principals contain the trust domain; by default any namespace's Gateway may take over the pods of the gateway between tenants (Istio 1.31).",
  remediation: [
    "Write in the values of chart istiod:",
    "  cni: {enabled: true}",
    '  env: {PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true"}',
    "  global: {proxy: {seccompProfile: {type: RuntimeDefault}}}",
    "  meshConfig: {trustDomain: cluster.local, defaultConfig: {holdApplicationUntilProxyStarts: true}}",
  ],
  subjects: (stack) => releasesOf(stack, "istiod"),
  *check(release, stack) {
    const values = release.at("values");
    const cni = values.at("cni", "enabled");
    if (cni.flag() !== true) yield cni.finding("must be true.");
    else if (releasesOf(stack, "cni").length === 0)
      yield cni.finding("is true, and no release of chart cni is in this stack.");
    const seccomp = values.at("global", "proxy", "seccompProfile", "type");
    if (seccomp.text() !== "RuntimeDefault") yield seccomp.finding("must be RuntimeDefault.");
    for (const [key, value] of Object.entries(GATEWAY_SCOPE)) {
      const scope = values.at("env", key);
      if (scope.text() !== value) yield scope.finding(`must be "${value}".`);
    }
    const mesh = values.at("meshConfig");
    const hold = mesh.at("defaultConfig", "holdApplicationUntilProxyStarts");
    if (hold.flag() !== true) yield hold.finding("must be true.");
    const domain = mesh.at("trustDomain");
    if ((domain.text() ?? "") === "")
      yield domain.finding("is missing: write it out, since principals contain it.");
    else if (![undefined, domain.text()].includes(stack.derive(trustDomain)))
      yield domain.finding("is another one than that of the principals: none of them would fit anybody.");
  },
});
