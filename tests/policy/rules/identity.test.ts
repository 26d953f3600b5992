import { cases, FOREIGN } from "../support/cases";
import { manifest } from "../support/draft";

const CALLEE = "AuthorizationPolicy team-beta/agent-specialist";
const CONTROLLER = "AuthorizationPolicy kagent/kagent-controller.team-alpha";
const NOTHING = "AuthorizationPolicy team-beta/allow-nothing";
const MTLS = "PeerAuthentication team-beta/default";
const DEPLOYMENT = "spec.declarative.deployment";
const ORCHESTRATOR = "Agent team-alpha/orchestrator";
const SOURCE = "spec.rules[0].from[0].source";
const SECURITY = "security.istio.io/v1";
const NETWORKING = "networking.istio.io/v1";
const ROUTE = "VirtualService kagent/team-beta.specialist";

cases("identity-mesh-enrolment", {
  violating: {
    "kagent outside of the mesh": {
      change: (s) => s.set("Namespace kagent", 'metadata.labels["istio-injection"]', undefined),
      finds: [
        "Namespace kagent (v1), metadata.labels: the namespace is outside of the mesh. Write istio-injection: enabled.",
      ],
    },
    "switched off": {
      change: (s) => s.set("Namespace team-beta", 'metadata.labels["istio-injection"]', "disabled"),
      finds: [
        "Namespace team-beta (v1), metadata.labels: the namespace is outside of the mesh. Write istio-injection: enabled.",
      ],
    },
    "another data plane": {
      change: (s) => s.set("Namespace team-beta", 'metadata.labels["istio.io/dataplane-mode"]', "ambient"),
      finds: [
        'Namespace team-beta (v1), metadata.labels["istio.io/dataplane-mode"]: changes what carries its traffic; the layers are made for sidecars. Remove it.',
      ],
    },
  },
  unknown: ["Namespace kagent", 'metadata.labels["istio-injection"]'],
});

cases("identity-agent-stays-in-mesh", {
  violating: {
    "no sidecar": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.labels`, { "sidecar.istio.io/inject": "false" }),
      finds: [
        'Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.labels["sidecar.istio.io/inject"]: selects the pod, or steers its sidecar. Remove it.',
      ],
    },
    "an excluded port": {
      change: (s) =>
        s.set(ORCHESTRATOR, `${DEPLOYMENT}.annotations`, {
          "traffic.sidecar.istio.io/excludeInboundPorts": "8080",
        }),
      finds: [
        'Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.annotations["traffic.sidecar.istio.io/excludeInboundPorts"]: steers the pod\'s sidecar. Remove it.',
      ],
    },
    "the labels of another": {
      change: (s) => s.set(ORCHESTRATOR, `${DEPLOYMENT}.labels`, { kagent: "specialist", app: "x" }),
      finds: [
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.labels.kagent: selects the pod, or steers its sidecar. Remove it.",
        "Agent team-alpha/orchestrator (kagent.dev/v1alpha2), spec.declarative.deployment.labels.app: selects the pod, or steers its sidecar. Remove it.",
      ],
    },
  },
  unknown: [ORCHESTRATOR, `${DEPLOYMENT}.annotations`],
});

cases("identity-strict-mtls", {
  violating: {
    "none at all": {
      change: (s) => s.drop(MTLS),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no PeerAuthentication that is STRICT for all of it. Declare one.",
      ],
    },
    "for some pods only": {
      change: (s) => s.set(MTLS, "spec.selector", { matchLabels: { app: "kagent" } }),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no PeerAuthentication that is STRICT for all of it. Declare one.",
      ],
    },
    "plain text too": {
      change: (s) => s.set(MTLS, "spec.mtls.mode", "PERMISSIVE"),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no PeerAuthentication that is STRICT for all of it. Declare one.",
      ],
    },
    "two that disagree": {
      change: (s) =>
        s.add(
          manifest(SECURITY, "PeerAuthentication", "team-beta/other", {
            spec: { mtls: { mode: "PERMISSIVE" } },
          }),
        ),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has 2 PeerAuthentications for all of it. Keep one.",
      ],
    },
  },
  unknown: [MTLS, "spec.mtls.mode"],
});

cases("identity-no-weaker-mtls", {
  violating: {
    "a port in plain text": {
      change: (s) => s.set(MTLS, "spec.portLevelMtls", { "8080": { mode: "DISABLE" } }),
      finds: [
        'PeerAuthentication team-beta/default (security.istio.io/v1), spec.portLevelMtls["8080"].mode: must be STRICT.',
      ],
    },
    "the whole mesh": {
      change: (s) =>
        s.add(
          manifest(SECURITY, "PeerAuthentication", "istio-system/default", {
            spec: { mtls: { mode: "PERMISSIVE" } },
          }),
        ),
      finds: [
        "PeerAuthentication istio-system/default (security.istio.io/v1), spec.mtls.mode: must be STRICT.",
      ],
    },
    "clients without identity": {
      change: (s) =>
        s.add(
          manifest(NETWORKING, "DestinationRule", "team-alpha/plain", {
            spec: {
              host: "specialist.team-beta.svc.cluster.local",
              trafficPolicy: { tls: { mode: "DISABLE" } },
            },
          }),
        ),
      finds: [
        "DestinationRule team-alpha/plain (networking.istio.io/v1), spec.trafficPolicy.tls.mode: must be ISTIO_MUTUAL.",
      ],
    },
    "a gateway in plain text": {
      change: (s) => s.set("DestinationRule kagent/a2a-gateway", "spec.trafficPolicy", undefined),
      finds: [
        "DestinationRule kagent/a2a-gateway (networking.istio.io/v1), spec.trafficPolicy.tls: a client sends plain text to a gateway without it. Write mode: ISTIO_MUTUAL.",
      ],
    },
  },
  unknown: [MTLS, "spec.mtls.mode"],
});

cases("identity-default-deny", {
  violating: {
    "none at all": {
      change: (s) => s.drop(NOTHING),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no AuthorizationPolicy that allows nothing by default. Declare allow-nothing there.",
      ],
    },
    "a rule that allows everybody": {
      change: (s) => s.set(NOTHING, "spec.rules", [{}]),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no AuthorizationPolicy that allows nothing by default. Declare allow-nothing there.",
      ],
    },
    "another action": {
      change: (s) => s.set(NOTHING, "spec.action", "DENY"),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no AuthorizationPolicy that allows nothing by default. Declare allow-nothing there.",
      ],
    },
    "some pods only": {
      change: (s) =>
        s.set(NOTHING, "spec.selector", { matchLabels: { app: "kagent", kagent: "specialist" } }),
      finds: [
        "Namespace team-beta (v1): namespace team-beta has no AuthorizationPolicy that allows nothing by default. Declare allow-nothing there.",
      ],
    },
  },
  unknown: [NOTHING, "spec.action"],
});

cases("identity-selectors-bound", {
  violating: {
    "labels that no pod carries": {
      change: (s) => s.set(CALLEE, "spec.selector.matchLabels", { "app.kubernetes.io/name": "specialist" }),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.selector: selects no workload of this stack. Use its own labels.",
      ],
    },
    "every workload": {
      change: (s) => s.set(CALLEE, "spec.selector", undefined),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.selector: is missing: the rules hold for every workload of the namespace. Select one.",
      ],
    },
    "token checks of nobody": {
      change: (s) =>
        s.set("RequestAuthentication team-beta/agent-specialist", "spec.selector.matchLabels.kagent", "x"),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.selector: selects no workload of this stack. Use its own labels.",
      ],
    },
    "token checks of every workload": {
      change: (s) => s.set("RequestAuthentication team-beta/agent-specialist", "spec.selector", undefined),
      finds: [
        "RequestAuthentication team-beta/agent-specialist (security.istio.io/v1), spec.selector: is missing: its keys hold for every workload of the namespace. Select one.",
      ],
    },
    "another action": {
      change: (s) => s.set(CALLEE, "spec.action", "CUSTOM"),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.action: must be ALLOW, DENY or AUDIT.",
      ],
    },
  },
  unknown: [CALLEE, "spec.selector.matchLabels.kagent"],
});

const inRoot = (kind: string, spec: Record<string, unknown>) =>
  manifest("security.istio.io/v1", kind, "istio-system/open", { spec });
const ALLOWS_ALL =
  "AuthorizationPolicy istio-system/open (security.istio.io/v1): allows calls to every workload of the mesh, beside what each allows. Select its own workload.";
const INGRESS = "AuthorizationPolicy istio-system/ingress";

cases("identity-root-namespace", {
  with: [
    manifest("security.istio.io/v1", "AuthorizationPolicy", "istio-system/ingress", {
      spec: { selector: { matchLabels: { istio: "ingressgateway" } }, rules: [{}] },
    }),
    manifest("security.istio.io/v1", "AuthorizationPolicy", "istio-system/waypoints", {
      spec: { targetRefs: [{ kind: "GatewayClass", name: "istio-waypoint" }], rules: [{}] },
    }),
    manifest("security.istio.io/v1", "AuthorizationPolicy", "istio-system/deny", {
      spec: { action: "DENY", rules: [{}] },
    }),
    manifest("security.istio.io/v1", "RequestAuthentication", "istio-system/ingress", {
      spec: { selector: { matchLabels: { app: "ingress" } }, jwtRules: [{ issuer: "x" }] },
    }),
  ],
  violating: {
    "calls to everything": {
      change: (s) => s.add(inRoot("AuthorizationPolicy", { rules: [{}] })),
      finds: [ALLOWS_ALL],
    },
    "calls to agents of every namespace": {
      change: (s) =>
        s.add(inRoot("AuthorizationPolicy", { selector: { matchLabels: { app: "kagent" } }, rules: [{}] })),
      finds: [ALLOWS_ALL],
    },
    "calls to whoever carries a free label": {
      change: (s) =>
        s.add(
          inRoot("AuthorizationPolicy", {
            action: "ALLOW",
            selector: { matchLabels: { team: "alpha" } },
            rules: [{ from: [{ source: { principals: ["*"] } }] }],
          }),
        ),
      finds: [ALLOWS_ALL],
    },
    "tokens for everything": {
      change: (s) => s.add(inRoot("RequestAuthentication", { jwtRules: [{ issuer: "kagent-a2a" }] })),
      finds: [
        "RequestAuthentication istio-system/open (security.istio.io/v1): accepts tokens for every workload of the mesh. Select its own workload.",
      ],
    },
  },
  unknown: [INGRESS, "spec.selector"],
});

cases("identity-principals-exist", {
  violating: {
    "an account that kagent does not have": {
      change: (s) => s.set(CALLEE, `${SOURCE}.principals`, ["cluster.local/ns/kagent/sa/kagent"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.principals[0]: cluster.local/ns/kagent/sa/kagent: no workload of this stack has this account.",
      ],
    },
    "a wildcard": {
      change: (s) => s.set(CALLEE, `${SOURCE}.principals`, ["*"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.principals[0]: must be <trust domain>/ns/<namespace>/sa/<account>, without wildcards.",
      ],
    },
    everybody: {
      change: (s) => s.set(CALLEE, "spec.rules[0].from", undefined),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0]: allows every caller (policy team-beta/agent-specialist). Name principals.",
      ],
    },
    "everybody but": {
      change: (s) => s.set(CALLEE, SOURCE, { notPrincipals: ["cluster.local/ns/shop/sa/web"] }),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source: names no principal: everyone fits it. Name principals.",
      ],
    },
    "another trust domain": {
      change: (s) => s.set(CALLEE, `${SOURCE}.principals`, ["other.example/ns/kagent/sa/a2a-gateway"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.principals[0]: other.example/ns/kagent/sa/a2a-gateway: other principals are of another trust domain.",
      ],
    },
  },
  unknown: [CALLEE, `${SOURCE}.principals[0]`],
});

cases("identity-ports-named", {
  violating: {
    "every port": {
      change: (s) => s.set(CALLEE, "spec.rules[0].to", undefined),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].to: must name port 8080.",
      ],
    },
    "another port too": {
      change: (s) => s.set(CALLEE, "spec.rules[0].to[0].operation.ports", ["8080", "15000"]),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].to[0].operation.ports: must be port 8080 and no other.",
      ],
    },
  },
  unknown: [CALLEE, "spec.rules[0].to[0].operation.ports"],
});

cases("identity-callers-declared", {
  violating: {
    "an agent that does not delegate to it": {
      change: (s) => s.push(CALLEE, `${SOURCE}.principals`, "cluster.local/ns/team-beta/sa/specialist-sa"),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.principals[1]: cluster.local/ns/team-beta/sa/specialist-sa is no declared caller of this agent. Remove it.",
      ],
    },
    "somebody outside": {
      change: (s) => s.push(CALLEE, `${SOURCE}.principals`, "cluster.local/ns/shop/sa/web"),
      finds: [
        "AuthorizationPolicy team-beta/agent-specialist (security.istio.io/v1), spec.rules[0].from[0].source.principals[1]: cluster.local/ns/shop/sa/web is no declared caller of this agent. Remove it.",
      ],
    },
    "an agent at the database": {
      change: (s) =>
        s.push(
          "AuthorizationPolicy kagent/kagent-database",
          `${SOURCE}.principals`,
          "cluster.local/ns/team-alpha/sa/orchestrator-sa",
        ),
      finds: [
        "AuthorizationPolicy kagent/kagent-database (security.istio.io/v1), spec.rules[0].from[0].source.principals[1]: cluster.local/ns/team-alpha/sa/orchestrator-sa is no declared caller of this database. Remove it.",
      ],
    },
    "a callee at the gateway": {
      change: (s) =>
        s.push(
          "AuthorizationPolicy kagent/a2a-gateway.team-beta",
          `${SOURCE}.principals`,
          "cluster.local/ns/team-beta/sa/specialist-sa",
        ),
      finds: [
        "AuthorizationPolicy kagent/a2a-gateway.team-beta (security.istio.io/v1), spec.rules[0].from[0].source.principals[1]: cluster.local/ns/team-beta/sa/specialist-sa is no declared caller of this gateway. Remove it.",
      ],
    },
  },
  unknown: [CALLEE, `${SOURCE}.principals`],
});

cases("identity-controller-paths", {
  violating: {
    "the admin API": {
      change: (s) => s.push(CONTROLLER, "spec.rules[0].to[0].operation.paths", "/api/agents"),
      finds: [
        "AuthorizationPolicy kagent/kagent-controller.team-alpha (security.istio.io/v1), spec.rules[0].to[0].operation.paths[6]: is no path that agents need. Remove it.",
      ],
    },
    "a prefix": {
      change: (s) => s.push(CONTROLLER, "spec.rules[0].to[0].operation.paths", "/api/sessions*"),
      finds: [
        "AuthorizationPolicy kagent/kagent-controller.team-alpha (security.istio.io/v1), spec.rules[0].to[0].operation.paths[6]: is no path that agents need. Remove it.",
      ],
    },
    "every path": {
      change: (s) => s.set(CONTROLLER, "spec.rules[0].to[0].operation.paths", undefined),
      finds: [
        "AuthorizationPolicy kagent/kagent-controller.team-alpha (security.istio.io/v1), spec.rules[0].to[0].operation.paths: lets agents call every path. Name the paths.",
      ],
    },
    everything: {
      change: (s) => s.set(CONTROLLER, "spec.rules[0].to", undefined),
      finds: [
        "AuthorizationPolicy kagent/kagent-controller.team-alpha (security.istio.io/v1), spec.rules[0].to: lets agents call every path. Name the paths.",
      ],
    },
  },
  unknown: [CONTROLLER, "spec.rules[0].to[0].operation.paths"],
});

cases("identity-workloads-covered", {
  violating: {
    "the gateway": {
      change: (s) => s.dropAll(/^AuthorizationPolicy kagent.a2a-gateway/),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1): no AuthorizationPolicy of this stack says who may call the gateway. Declare one.",
      ],
    },
    "the database": {
      change: (s) => s.drop("AuthorizationPolicy kagent/kagent-database"),
      finds: [
        "Namespace kagent (v1): no AuthorizationPolicy of this stack says who may call the database. Declare one.",
      ],
    },
    "an agent": {
      change: (s) => s.drop(CALLEE),
      finds: [
        "Agent team-beta/specialist (kagent.dev/v1alpha2): no AuthorizationPolicy of this stack says who may call agent team-beta/specialist. Declare one.",
      ],
    },
  },
  unknown: [CALLEE, "spec.action"],
});

cases("identity-gateway-mtls", {
  violating: {
    "a gateway that takes plain text": {
      change: (s) =>
        s
          .set("Gateway kagent/a2a-gateway", "spec.servers[0].tls", undefined)
          .set("Gateway kagent/a2a-gateway", "spec.servers[0].port.protocol", "HTTP"),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1), spec.servers[0].port.protocol: must be HTTPS.",
        "Gateway kagent/a2a-gateway (networking.istio.io/v1), spec.servers[0].tls.mode: must be ISTIO_MUTUAL.",
      ],
    },
    "clients that send it": {
      change: (s) => s.drop("DestinationRule kagent/a2a-gateway"),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1): no DestinationRule makes callers use ISTIO_MUTUAL to a2a-gateway. Declare it in kagent.",
      ],
    },
    "another way in": {
      change: (s) =>
        s.add(manifest(NETWORKING, "Gateway", "team-beta/side", { spec: { selector: {}, servers: [] } })),
      finds: [
        "Gateway team-beta/side (networking.istio.io/v1): is another way into a governed namespace. Remove it.",
      ],
    },
    "no gateway": {
      change: (s) => s.drop("Gateway kagent/a2a-gateway"),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1): there is no Gateway kagent/a2a-gateway in this stack. Declare it.",
      ],
    },
    "routes of other namespaces": {
      change: (s) => s.set("Gateway kagent/a2a-gateway", "spec.servers[0].hosts", ["*", "*/*", "kagent/*"]),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1), spec.servers[0].hosts[0]: takes routes of other namespaces. Write ./*.",
        "Gateway kagent/a2a-gateway (networking.istio.io/v1), spec.servers[0].hosts[1]: takes routes of other namespaces. Write ./*.",
      ],
    },
    "other pods": {
      change: (s) => s.set("Gateway kagent/a2a-gateway", "spec.selector", { istio: "ingressgateway" }),
      finds: [
        "Gateway kagent/a2a-gateway (networking.istio.io/v1), spec.selector: must be the labels of the gateway's pods.",
      ],
    },
  },
  unknown: ["Gateway kagent/a2a-gateway", "spec.servers[0].tls.mode"],
});

cases("identity-routes-declared", {
  violating: {
    "a header of another": {
      change: (s) =>
        s.set(ROUTE, 'spec.http[0].match[0].headers["x-kagent-host"].exact', "orchestrator.team-alpha"),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1), spec.http[0].match: must be one exact x-kagent-host of an agent that others delegate to.",
      ],
    },
    "any header": {
      change: (s) => s.set(ROUTE, "spec.http[0].match", undefined),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1), spec.http[0].match: must be one exact x-kagent-host of an agent that others delegate to.",
      ],
    },
    "a prefix": {
      change: (s) => s.set(ROUTE, 'spec.http[0].match[0].headers["x-kagent-host"]', { prefix: "specialist" }),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1), spec.http[0].match: must be one exact x-kagent-host of an agent that others delegate to.",
      ],
    },
    "another callee": {
      change: (s) =>
        s.set(ROUTE, "spec.http[0].route[0].destination.host", "orchestrator.team-alpha.svc.cluster.local"),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1), spec.http[0].route[0].destination.host: must be the Service of team-beta/specialist.",
      ],
    },
    "a copy to somebody": {
      change: (s) => s.set(ROUTE, "spec.http[0].mirror", { host: "web.shop.svc.cluster.local" }),
      finds: [
        "VirtualService kagent/team-beta.specialist (networking.istio.io/v1), spec.http[0].mirror: changes the call or where it goes. Remove it.",
      ],
    },
    "a route in a tenant": {
      change: (s) =>
        s.add(
          manifest(NETWORKING, "VirtualService", "team-alpha/mine", {
            spec: { hosts: ["specialist.team-beta"] },
          }),
        ),
      finds: [
        "VirtualService team-alpha/mine (networking.istio.io/v1): changes where calls to a tenant go. Remove it.",
      ],
    },
  },
  unknown: [ROUTE, "spec.http[0].route[0].destination.host"],
});

cases("identity-no-proxy-configuration", {
  with: [manifest("extensions.istio.io/v1alpha1", "WasmPlugin", "shop/own", { spec: {} })],
  violating: {
    "in a tenant": {
      change: (s) => s.add(manifest(NETWORKING, "EnvoyFilter", "team-alpha/mine")),
      finds: [
        "EnvoyFilter team-alpha/mine (networking.istio.io/v1): reconfigures proxies that the layers rely on. Remove it.",
      ],
    },
    "for the whole mesh": {
      change: (s) => s.add(manifest("extensions.istio.io/v1alpha1", "WasmPlugin", "istio-system/all")),
      finds: [
        "WasmPlugin istio-system/all (extensions.istio.io/v1alpha1): reconfigures proxies that the layers rely on. Remove it.",
      ],
    },
  },
  unknown: ["WasmPlugin shop/own", "spec", "reads kind and namespace alone"],
  notApplicable: FOREIGN,
});

const GATEWAY_RELEASE = "Release kagent/a2a-gateway";
cases("identity-gateway-values", {
  variant: { routing: "gateway" },
  violating: {
    "the chart's default, open to the world": {
      change: (s) => s.set(GATEWAY_RELEASE, "values.service", undefined),
      finds: [
        `${GATEWAY_RELEASE} (helm.sh/v3), values.service.type: must be ClusterIP.`,
        `${GATEWAY_RELEASE} (helm.sh/v3), values.service.ports: must be the one port 8083.`,
      ],
    },
    "a port that is routed by Host, and a second one": {
      change: (s) =>
        s
          .set(GATEWAY_RELEASE, "values.service.ports[0].name", "http-a2a")
          .set(GATEWAY_RELEASE, "values.service.ports[0].port", 80)
          .push(GATEWAY_RELEASE, "values.service.ports", { name: "tcp-more", port: 443 }),
      finds: [
        `${GATEWAY_RELEASE} (helm.sh/v3), values.service.ports: must be the one port 8083.`,
        `${GATEWAY_RELEASE} (helm.sh/v3), values.service.ports[0].port: must be 8083.`,
        `${GATEWAY_RELEASE} (helm.sh/v3), values.service.ports[0].name: must begin with tcp-, or callers' sidecars route by Host.`,
      ],
    },
    "a pod that Pod Security refuses": {
      change: (s) => s.set(GATEWAY_RELEASE, "values.securityContext", undefined),
      finds: [
        `${GATEWAY_RELEASE} (helm.sh/v3), values.securityContext.seccompProfile.type: must be RuntimeDefault.`,
      ],
    },
    "another name, which no rule selects": {
      change: (s) => s.set(GATEWAY_RELEASE, "name", "gateway"),
      finds: [
        `${GATEWAY_RELEASE} (helm.sh/v3), name: must be a2a-gateway: its account and labels follow from it.`,
      ],
    },
  },
  unknown: [GATEWAY_RELEASE, "values.service.type"],
});

const ISTIOD_RELEASE = "Release istio-system/istiod";
cases("identity-mesh-values", {
  violating: {
    "another trust domain than that of the principals": {
      change: (s) => s.set("Release istio-system/istiod", "values.meshConfig.trustDomain", "other.example"),
      finds: [
        "Release istio-system/istiod (helm.sh/v3), values.meshConfig.trustDomain: is another one than that of the principals: none of them would fit anybody.",
      ],
    },
    "an init container in every pod": {
      change: (s) => s.set(ISTIOD_RELEASE, "values.cni", undefined),
      finds: [`${ISTIOD_RELEASE} (helm.sh/v3), values.cni.enabled: must be true.`],
    },
    "Gateways of every namespace": {
      change: (s) => s.set(ISTIOD_RELEASE, "values.env", undefined),
      finds: [`${ISTIOD_RELEASE} (helm.sh/v3), values.env.PILOT_SCOPE_GATEWAY_TO_NAMESPACE: must be "true".`],
    },
    "a plugin that nobody installs": {
      change: (s) => s.drop("Release istio-system/istio-cni"),
      finds: [
        `${ISTIOD_RELEASE} (helm.sh/v3), values.cni.enabled: is true, and no release of chart cni is in this stack.`,
      ],
    },
    "applications that start before their sidecar, in a trust domain of no name": {
      change: (s) =>
        s
          .set(ISTIOD_RELEASE, "values.global.proxy.seccompProfile", undefined)
          .set(ISTIOD_RELEASE, "values.meshConfig.defaultConfig", undefined)
          .set(ISTIOD_RELEASE, "values.meshConfig.trustDomain", undefined),
      finds: [
        `${ISTIOD_RELEASE} (helm.sh/v3), values.global.proxy.seccompProfile.type: must be RuntimeDefault.`,
        `${ISTIOD_RELEASE} (helm.sh/v3), values.meshConfig.defaultConfig.holdApplicationUntilProxyStarts: must be true.`,
        `${ISTIOD_RELEASE} (helm.sh/v3), values.meshConfig.trustDomain: is missing: write it out, since principals contain it.`,
      ],
    },
  },
  unknown: [ISTIOD_RELEASE, "values.cni.enabled"],
});

const elsewhere = (kind: string, name: string, spec: Record<string, unknown>) =>
  manifest("networking.istio.io/v1", kind, name, { spec });
const CALLEE_HOST = "specialist.team-beta.svc.cluster.local";
const OF_OTHERS = "means a governed namespace, or hosts of every name. Name hosts of your own.";

cases("identity-names-elsewhere", {
  with: [
    elsewhere("VirtualService", "shop/web", { hosts: ["*"], gateways: ["istio-system/ingress"] }),
    elsewhere("VirtualService", "shop/cart", { hosts: ["cart.shop.svc.cluster.local"] }),
    elsewhere("DestinationRule", "shop/cart", { host: "cart" }),
    elsewhere("ServiceEntry", "shop/own", { hosts: ["*.com"], exportTo: ["."] }),
    elsewhere("Gateway", "shop/ingress", { selector: { istio: "ingressgateway" } }),
  ],
  violating: {
    "routes at the gateway between tenants": {
      change: (s) =>
        s.add(elsewhere("VirtualService", "default/x", { hosts: ["*"], gateways: ["kagent/a2a-gateway"] })),
      finds: [
        "VirtualService default/x (networking.istio.io/v1), spec.gateways[0]: routes at the gateway between tenants. Remove it.",
      ],
    },
    "routes of a callee": {
      change: (s) => s.add(elsewhere("VirtualService", "istio-system/x", { hosts: [CALLEE_HOST] })),
      finds: [`VirtualService istio-system/x (networking.istio.io/v1), spec.hosts[0]: ${OF_OTHERS}`],
    },
    "hosts of kagent and of the internet": {
      change: (s) =>
        s.add(
          elsewhere("ServiceEntry", "default/x", {
            hosts: ["kagent-controller.kagent.svc.cluster.local", "*.com"],
            exportTo: ["*"],
          }),
        ),
      finds: [0, 1].map(
        (index) => `ServiceEntry default/x (networking.istio.io/v1), spec.hosts[${index}]: ${OF_OTHERS}`,
      ),
    },
    "how others call a callee": {
      change: (s) =>
        s.add(elsewhere("DestinationRule", "default/x", { host: "*.team-beta.svc.cluster.local" })),
      finds: [`DestinationRule default/x (networking.istio.io/v1), spec.host: ${OF_OTHERS}`],
    },
    "a second door of the gateway": {
      change: (s) => s.add(elsewhere("Gateway", "default/x", { selector: { istio: "a2a-gateway" } })),
      finds: [
        "Gateway default/x (networking.istio.io/v1), spec.selector: selects the pods of the gateway between tenants. Select others.",
      ],
    },
  },
  unknown: ["ServiceEntry shop/own", "spec.exportTo"],
});
