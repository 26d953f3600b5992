import { rule } from "../../framework/rule";
import { CORE } from "../../reading/kinds";
import { namespaceObject, tenants } from "../../reading/scope";

const BOUNDED = [
  "pods",
  "requests.cpu",
  "requests.memory",
  "limits.cpu",
  "limits.memory",
  "persistentvolumeclaims",
  "services",
  "services.loadbalancers",
  "services.nodeports",
] as const;

export const tenantBounds = rule({
  name: "pod-security-tenant-bounds",
  layer: "pod-security",
  severity: "medium",
  description: "Each tenant has a ResourceQuota and a LimitRange for its containers.",
  why: "A team that can create Agents can otherwise use up the cluster.",
  remediation: [
    "Declare in the namespace:",
    "  kind: ResourceQuota, spec: {hard: {pods: '20', requests.cpu: '8', requests.memory: 16Gi, limits.cpu: '32', limits.memory: 32Gi, persistentvolumeclaims: '0', services: '20', services.loadbalancers: '0', services.nodeports: '0'}}",
    "  kind: LimitRange, spec: {limits: [{type: Container, default: {...}, defaultRequest: {...}}]}",
  ],
  subjects: (stack) => [...tenants(stack)].flatMap((name) => namespaceObject(stack, name) ?? []),
  *check(namespace, stack) {
    const quotas = stack.in(CORE, "ResourceQuota", namespace.name);
    const bounded = new Set(
      quotas
        .filter((quota) => !quota.spec.at("scopes").isPresent && !quota.spec.at("scopeSelector").isPresent)
        .flatMap((quota) => quota.spec.at("hard").keys()),
    );
    const free = BOUNDED.filter((resource) => !bounded.has(resource));
    if (free.length > 0)
      yield namespace.root.finding(
        `no ResourceQuota of the namespace bounds ${free.join(", ")}. Write them below spec.hard.`,
      );
    const ranges = stack
      .in(CORE, "LimitRange", namespace.name)
      .flatMap((range) => range.spec.at("limits").items());
    const bounding = ranges.some(
      (range) =>
        range.at("type").text() === "Container" &&
        ["default", "defaultRequest"].every((key) =>
          ["cpu", "memory"].every((resource) => range.at(key, resource).isPresent),
        ),
    );
    if (!bounding)
      yield namespace.root.finding(
        "no LimitRange of the namespace gives containers a default and a defaultRequest. Write both.",
      );
  },
});
