/** Weakenings of NetworkPolicies and ServiceEntries. */
import { drop, indices, type Operator, push, remove, set, value } from "./mutant";

const inNamespace = (...values: string[]) => ({
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }],
});
const pods = (namespace: string, matchLabels: Record<string, string>) => ({
  namespaceSelector: inNamespace(namespace),
  podSelector: { matchLabels },
});
const component = (name: string) => ({
  "app.kubernetes.io/name": "kagent",
  "app.kubernetes.io/instance": "kagent",
  "app.kubernetes.io/component": name,
});
/** Everything that could be added as a peer, by name. */
const PEERS: Readonly<Record<string, unknown>> = {
  everybody: {},
  "every namespace": { namespaceSelector: {}, podSelector: { matchLabels: { app: "kagent" } } },
  "a free label": {
    namespaceSelector: { matchLabels: { team: "alpha" } },
    podSelector: { matchLabels: { app: "kagent" } },
  },
  "all pods of a tenant": { namespaceSelector: inNamespace("team-alpha") },
  "all agents of a tenant": pods("team-beta", { app: "kagent" }),
  orchestrator: pods("team-alpha", { app: "kagent", kagent: "orchestrator" }),
  specialist: pods("team-beta", { app: "kagent", kagent: "specialist" }),
  ghost: pods("team-beta", { app: "kagent", kagent: "ghost" }),
  controller: pods("kagent", component("controller")),
  ui: pods("kagent", component("ui")),
  database: pods("kagent", component("database")),
  "all of kagent": pods("kagent", { "app.kubernetes.io/name": "kagent" }),
  gateway: pods("kagent", { app: "a2a-gateway", istio: "a2a-gateway" }),
  internet: { ipBlock: { cidr: "0.0.0.0/0" } },
  "half of it": { ipBlock: { cidr: "0.0.0.0/1" } },
  "IPv6 internet": { ipBlock: { cidr: "::/0" } },
  metadata: { ipBlock: { cidr: "169.254.169.254/32" } },
};

const PORTS = [22, 443, 6060, 8080, 8083, 15012] as const;

export const networkPolicies: Operator = function* (object, title) {
  if (object.kind !== "NetworkPolicy") return;
  if (title.endsWith("/default-deny")) {
    yield drop(title);
    yield set(title, ["spec", "ingress"], [{}]);
    yield set(title, ["spec", "egress"], [{}]);
    yield set(title, ["spec", "podSelector"], { matchLabels: { app: "kagent" } });
    for (const type of ["Ingress", "Egress"]) yield set(title, ["spec", "policyTypes"], [type]);
    return;
  }
  yield set(title, ["spec", "policyTypes"], ["Ingress"]);
  yield remove(title, "spec", "policyTypes");
  yield* selectors(object, title);
  for (const direction of ["ingress", "egress"] as const) {
    const [list, word] = [["spec", direction], direction === "ingress" ? "from" : "to"] as const;
    yield push(title, list, {}, "a rule for everybody");
    for (const index of indices(object, ...list)) {
      const rule = [...list, index] as const;
      yield remove(title, ...rule, word);
      yield remove(title, ...rule, "ports");
      const port = value(object, [...rule, "ports", 0, "port"]);
      for (const other of PORTS)
        if (other !== port) yield push(title, [...rule, "ports"], { protocol: "TCP", port: other });
      yield set(title, [...rule, "ports", 0, "endPort"], 65535);
      const there = indices(object, ...rule, word).map((peer) =>
        JSON.stringify(value(object, [...rule, word, peer])),
      );
      for (const [name, peer] of Object.entries(PEERS))
        if (!there.some((known) => samePods(known, JSON.stringify(peer))))
          yield push(title, [...rule, word], peer, name);
      for (const peer of indices(object, ...rule, word)) yield* peers(object, title, [...rule, word, peer]);
    }
  }
};

/** Agents of one tenant are listed in one peer: naming one of them again adds nothing. */
function samePods(known: string, peer: string): boolean {
  if (known === peer) return true;
  const name = /"kagent":"([^"]+)"/.exec(peer)?.[1];
  const namespace = /"values":\["([^"]+)"\]/.exec(peer)?.[1];
  return (
    name !== undefined &&
    known.includes(`"values":["${namespace}"]`) &&
    known.includes(`"${name}"`) &&
    known.includes('"operator":"In"') &&
    !known.includes('"kagent":"')
  );
}

function* selectors(object: Parameters<Operator>[0], title: string) {
  const labels = value(object, ["spec", "podSelector", "matchLabels"]) as Record<string, string> | undefined;
  if (labels === undefined) return;
  yield set(title, ["spec", "podSelector"], {});
  for (const key of Object.keys(labels)) {
    yield remove(title, "spec", "podSelector", "matchLabels", key);
    yield set(title, ["spec", "podSelector", "matchLabels", key], "other");
  }
}

function* peers(object: Parameters<Operator>[0], title: string, peer: readonly (string | number)[]) {
  if (value(object, [...peer, "ipBlock"]) !== undefined) {
    yield set(title, [...peer, "ipBlock", "cidr"], "0.0.0.0/0");
    yield set(title, [...peer, "ipBlock", "cidr"], "nonsense");
    if (indices(object, ...peer, "ipBlock", "except").length > 0)
      yield remove(title, ...peer, "ipBlock", "except");
    for (const index of indices(object, ...peer, "ipBlock", "except"))
      yield remove(title, ...peer, "ipBlock", "except", index);
    return;
  }
  yield set(title, peer, {}, "everybody");
  yield remove(title, ...peer, "podSelector");
  yield set(title, [...peer, "podSelector"], {});
  yield set(title, [...peer, "namespaceSelector"], {});
  const values = [...peer, "namespaceSelector", "matchExpressions", 0, "values"] as const;
  if (indices(object, ...values).length > 0) {
    yield push(title, values, "team-gamma");
    yield set(title, [...peer, "namespaceSelector", "matchExpressions", 0, "operator"], "Exists");
    yield set(title, [...peer, "namespaceSelector", "matchExpressions", 0, "key"], "team");
  }
  const labels = value(object, [...peer, "podSelector", "matchLabels"]) as Record<string, string> | undefined;
  if (Object.keys(labels ?? {}).length > 1)
    for (const key of Object.keys(labels ?? {}))
      yield remove(title, ...peer, "podSelector", "matchLabels", key);
  const listed = [...peer, "podSelector", "matchExpressions", 0, "values"] as const;
  if (indices(object, ...listed).length > 0) {
    yield push(title, listed, "ghost");
    yield set(title, [...peer, "podSelector", "matchExpressions", 0, "operator"], "Exists");
    yield remove(title, ...peer, "podSelector", "matchExpressions");
  }
}

export const serviceEntries: Operator = function* (object, title) {
  if (object.kind !== "ServiceEntry") return;
  for (const host of ["*", "*.com", "kagent-controller.kagent.svc.cluster.local", "localhost"])
    yield push(title, ["spec", "hosts"], host);
  yield push(title, ["spec", "hosts"], "collector.example.com");
  yield set(title, ["spec", "exportTo"], ["*"]);
  yield remove(title, "spec", "exportTo");
  yield set(title, ["spec", "location"], "MESH_INTERNAL");
  yield set(title, ["spec", "endpoints"], [{ address: "192.0.2.1" }]);
  yield set(title, ["spec", "addresses"], ["192.0.2.1"]);
  yield set(title, ["spec", "ports", 0, "protocol"], "HTTP");
};
