/** Weakenings of the mesh's objects: mTLS, authorization, token checks, gateway and routes. */

import type { Loose } from "../policy/support/draft";
import { drop, indices, mutant, type Operator, push, remove, set, value } from "./mutant";

const sa = (namespace: string, account: string) => `cluster.local/ns/${namespace}/sa/${account}`;
const PRINCIPALS = [
  sa("team-alpha", "orchestrator-sa"),
  sa("team-beta", "specialist-sa"),
  sa("kagent", "kagent-controller"),
  sa("kagent", "kagent-ui"),
  sa("kagent", "a2a-gateway"),
  sa("kagent", "kagent"),
  sa("team-beta", "default"),
  sa("shop", "web"),
  "*",
  "cluster.local/ns/team-alpha/*",
  "*/sa/orchestrator-sa",
];
const SUBJECTS = [
  "kagent-a2a/team-alpha.orchestrator",
  "kagent-a2a/team-beta.specialist",
  "kagent-a2a/*",
  "*",
  "other/team-alpha.orchestrator",
];

export const peerAuthentications: Operator = function* (object, title) {
  if (object.kind !== "PeerAuthentication") return;
  yield drop(title);
  for (const mode of ["PERMISSIVE", "DISABLE", "UNSET"]) yield set(title, ["spec", "mtls", "mode"], mode);
  yield remove(title, "spec", "mtls");
  yield set(title, ["spec", "selector"], { matchLabels: { app: "kagent" } });
  for (const mode of ["PERMISSIVE", "DISABLE"])
    yield set(title, ["spec", "portLevelMtls"], { "8080": { mode } });
};

export const authorizationPolicies: Operator = function* (object, title) {
  if (object.kind !== "AuthorizationPolicy") return;
  if (title.endsWith("/allow-nothing")) {
    yield drop(title);
    yield set(title, ["spec", "rules"], [{}]);
    for (const action of ["DENY", "AUDIT"]) yield set(title, ["spec", "action"], action);
    yield set(title, ["spec", "selector"], { matchLabels: { app: "kagent" } });
    return;
  }
  const rules = indices(object, "spec", "rules");
  // Without a rule it allows nothing, wherever it holds.
  if (rules.length > 0) yield remove(title, "spec", "selector");
  for (const key of Object.keys(value(object, ["spec", "selector", "matchLabels"]) as object)) {
    yield remove(title, "spec", "selector", "matchLabels", key);
    yield set(title, ["spec", "selector", "matchLabels", key], "other");
  }
  yield push(title, ["spec", "rules"], {}, "a rule for everybody");
  yield push(
    title,
    ["spec", "rules"],
    { from: [{ source: { namespaces: ["team-alpha"] } }] },
    "a rule by namespace",
  );
  if (JSON.stringify(object).includes("requestPrincipals")) yield secondPolicy(object, title);
  for (const index of rules) yield* ruleMutants(object, title, ["spec", "rules", index]);
};

/** ALLOW policies are ORed: the same rules again, without the token. */
function secondPolicy(object: Loose, title: string) {
  return mutant(`${title}: a second one without tokens`, (stack) => {
    const copy = JSON.parse(JSON.stringify(object)) as {
      metadata: { name: string };
      spec: { rules: { from: { source: Loose }[] }[] };
    };
    copy.metadata.name = `${copy.metadata.name}-2`;
    for (const rule of copy.spec.rules) for (const { source } of rule.from) delete source.requestPrincipals;
    stack.add(copy as unknown as Loose);
  });
}

function* ruleMutants(object: Loose, title: string, rule: readonly (string | number)[]) {
  yield remove(title, ...rule, "from");
  yield remove(title, ...rule, "to");
  yield push(title, [...rule, "from"], { source: {} }, "everybody");
  yield set(title, [...rule, "to", 0, "operation", "ports"], undefined);
  yield push(title, [...rule, "to", 0, "operation", "ports"], "6060");
  yield push(title, [...rule, "to"], { operation: { methods: ["GET"] } }, "every port");
  const paths = [...rule, "to", 0, "operation", "paths"] as const;
  if (indices(object, ...paths).length > 0) {
    yield remove(title, ...paths);
    for (const path of ["/api/agents", "/api/*", "/*", "*", "/api/sessions*", "/mcp"])
      yield push(title, paths, path);
  }
  for (const index of indices(object, ...rule, "from")) {
    const source = [...rule, "from", index, "source"] as const;
    const principals = (value(object, [...source, "principals"]) ?? []) as string[];
    const subjects = value(object, [...source, "requestPrincipals"]) as string[] | undefined;
    yield remove(title, ...source, "principals");
    yield set(title, source, { notPrincipals: ["nobody"] });
    for (const principal of PRINCIPALS)
      if (!principals.includes(principal)) yield push(title, [...source, "principals"], principal);
    for (const principal of PRINCIPALS)
      if (principals.length === 1 && principals[0] !== principal)
        yield set(title, [...source, "principals"], [principal]);
    yield set(
      title,
      [...source, "principals", 0],
      String(principals[0]).replace("cluster.local", "other.example"),
    );
    if (subjects === undefined) continue;
    yield remove(title, ...source, "requestPrincipals");
    yield push(title, [...rule, "from"], { source: { principals } }, "the principal alone");
    for (const subject of SUBJECTS)
      if (!subjects.includes(subject)) {
        yield push(title, [...source, "requestPrincipals"], subject);
        yield set(title, [...source, "requestPrincipals"], [subject]);
      }
  }
  for (const index of indices(object, ...rule, "when")) {
    yield remove(title, ...rule, "when", index);
    yield push(title, [...rule, "when", index, "values"], "*");
    yield set(title, [...rule, "when", index, "values"], ["*"]);
    yield push(title, [...rule, "when", index, "values"], "orchestrator.team-alpha");
    yield push(title, [...rule, "when", index, "values"], "team-alpha.orchestrator");
    yield set(title, [...rule, "when", index, "key"], "request.headers[x-other]");
  }
  if (indices(object, ...rule, "when").length > 0) yield remove(title, ...rule, "when");
}

export const requestAuthentications: Operator = function* (object, title) {
  if (object.kind !== "RequestAuthentication") return;
  yield drop(title);
  const rule = ["spec", "jwtRules", 0] as const;
  yield remove(title, ...rule, "audiences");
  for (const audience of ["team-alpha.orchestrator", "*", "other"])
    yield push(title, [...rule, "audiences"], audience);
  yield set(title, [...rule, "issuer"], "somebody");
  yield set(title, [...rule, "jwksUri"], "https://keys.example.com/jwks");
  yield set(title, [...rule, "fromParams"], ["token"]);
  yield push(title, [...rule, "fromHeaders"], { name: "Authorization" });
  yield push(title, ["spec", "jwtRules"], { issuer: "other", jwksUri: "https://keys.example.com" });
  for (const key of ["app"]) {
    yield remove(title, "spec", "selector", "matchLabels", key);
    yield set(title, ["spec", "selector", "matchLabels", key], "other");
  }
  const keys = (...jwk: unknown[]) => JSON.stringify({ keys: jwk });
  yield set(title, [...rule, "jwks"], keys({ kty: "OKP", crv: "Ed25519", x: "a", d: "b" }), "a private key");
  yield set(title, [...rule, "jwks"], keys({ kty: "oct", k: "c2VjcmV0" }), "a shared secret");
  yield set(title, [...rule, "jwks"], keys({ kty: "RSA", n: "a", e: "AQAB" }), "another algorithm");
  yield set(title, [...rule, "jwks"], keys(), "no key");
};

export const gateway: Operator = function* (object, title) {
  if (object.kind === "Gateway") {
    yield drop(title);
    for (const mode of ["SIMPLE", "MUTUAL", "PASSTHROUGH"])
      yield set(title, ["spec", "servers", 0, "tls", "mode"], mode);
    for (const host of ["*", "*/*", "team-alpha/*"])
      yield set(title, ["spec", "servers", 0, "hosts"], [host]);
    yield remove(title, "spec", "servers", 0, "tls");
    yield set(title, ["spec", "servers", 0, "port", "protocol"], "HTTP");
    yield push(title, ["spec", "servers"], {
      port: { number: 80, name: "http", protocol: "HTTP" },
      hosts: ["*"],
    });
    yield set(title, ["spec", "selector"], { istio: "ingressgateway" });
  }
  if (object.kind === "DestinationRule") {
    yield drop(title);
    for (const mode of ["DISABLE", "SIMPLE"])
      yield set(title, ["spec", "trafficPolicy", "tls", "mode"], mode);
    yield remove(title, "spec", "trafficPolicy");
    yield set(title, ["spec", "host"], "other.kagent.svc.cluster.local");
    yield set(
      title,
      ["spec", "trafficPolicy", "portLevelSettings"],
      [{ port: { number: 8083 }, tls: { mode: "DISABLE" } }],
    );
  }
  if (object.kind === "VirtualService") {
    const [route, header] = [
      ["spec", "http", 0],
      ["spec", "http", 0, "match", 0, "headers", "x-kagent-host"],
    ] as const;
    yield remove(title, ...route, "match");
    yield set(title, header, { prefix: "specialist" });
    yield set(title, header, { regex: ".*" });
    yield set(title, [...header, "exact"], "orchestrator.team-alpha");
    yield push(title, [...route, "match"], { uri: { prefix: "/" } });
    yield set(
      title,
      [...route, "route", 0, "destination", "host"],
      "orchestrator.team-alpha.svc.cluster.local",
    );
    yield set(
      title,
      [...route, "route", 0, "destination", "host"],
      "kagent-controller.kagent.svc.cluster.local",
    );
    yield set(title, [...route, "route", 0, "destination", "port", "number"], 8083);
    yield set(title, [...route, "mirror"], { host: "web.shop.svc.cluster.local" });
    yield push(title, [...route, "route"], {
      destination: { host: "web.shop.svc.cluster.local", port: { number: 8080 } },
    });
    yield push(title, ["spec", "http"], {
      route: [{ destination: { host: "kagent-controller.kagent.svc.cluster.local" } }],
    });
  }
};
