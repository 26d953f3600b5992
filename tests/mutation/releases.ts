/** Weakenings of Helm releases: what they install, and the values that the layers rely on. */
import type { ChartName } from "../../topology/platform";
import { GOVERNED_VALUES } from "../../topology/platform-governed";
import { type Operator, push, remove, set } from "./mutant";

type Path = readonly (string | number)[];
type Weakening = readonly [path: Path, value?: unknown];

const values = (...keys: Path): Path => ["values", ...keys];
const RULES = values("validatingWebhookCustomRules");
const EXEMPT = values("controllerManager", "exemptNamespaces");

/** By name of the release. Without a value the field is removed, and the chart's default holds. */
const WEAKENINGS: Readonly<Record<string, readonly Weakening[]>> = {
  gatekeeper: [
    [values("validatingWebhookFailurePolicy")],
    [values("validatingWebhookFailurePolicy"), "Ignore"],
    [values("validatingWebhookCheckIgnoreFailurePolicy"), "Ignore"],
    [values("disableValidatingWebhook"), true],
    [values("disableAudit"), true],
    [values("enableK8sNativeValidation"), false],
    [values("validatingWebhookExemptNamespacesLabels"), { team: ["alpha"] }],
    [values("validatingWebhookObjectSelector"), { matchLabels: { checked: "true" } }],
    [values("validatingWebhookMatchConditions"), [{ name: "none", expression: "false" }]],
    [values("validatingWebhookURL"), "elsewhere.example.com"],
    [RULES],
    [[...RULES, 0]],
    [[...RULES, 1]],
    [[...RULES, 0, "operations"], ["CREATE"]],
    [[...RULES, 1, "operations"], ["UPDATE"]],
    [[...RULES, 0, "resources"], ["agents"]],
    [[...RULES, 1, "resources"], ["namespaces"]],
    [[...RULES, 0, "apiVersions"], ["v1"]],
    [[...RULES, 1, "apiVersions"], ["v1beta1"]],
    [[...RULES, 0, "scope"], "Cluster"],
    [EXEMPT, ["team-alpha"]],
    [values("controllerManager", "exemptNamespacePrefixes"), ["team-"]],
    [values("postInstall")],
  ],
  "external-secrets": [
    [values("processClusterStore")],
    [values("processClusterExternalSecret"), true],
    [values("processPushSecret")],
    [values("leaderElect")],
    [values("rbac")],
    [values("webhook", "failurePolicy"), "Ignore"],
    [values("crds")],
  ],
  "cert-manager": [[values("crds", "keep"), false]],
  istiod: [
    [values("cni")],
    [values("env")],
    [values("env", "PILOT_SCOPE_GATEWAY_TO_NAMESPACE"), "false"],
    [values("global", "proxy", "seccompProfile")],
    [values("meshConfig", "trustDomain")],
    [values("meshConfig", "defaultConfig")],
    [values("meshConfig", "outboundTrafficPolicy")],
    [values("meshConfig", "outboundTrafficPolicy", "mode"), "ALLOW_ANY"],
    [values("meshConfig", "trustDomain"), "other.example"],
  ],
  "a2a-gateway": [
    [values("service", "type"), "LoadBalancer"],
    [values("service", "type")],
    [values("service", "ports")],
    [values("service", "ports", 0, "name"), "http-a2a"],
    [values("securityContext")],
  ],
  kagent: [
    [values("rbac")],
    [values("rbac", "namespaces"), []],
    [values("kagent-tools")],
    [values("k8s-agent"), { enabled: true }],
    [values("kmcp"), { enabled: true }],
    [values("proxy")],
    [values("proxy", "url"), "http://proxy.shop:8083"],
    [values("database", "postgres", "password"), 12345678],
    [values("database", "postgres", "url"), "postgres://kagent:made-up@db/kagent"],
  ],
};

export const releases: Operator = function* (object, title) {
  if (object.kind !== "Release") return;
  yield remove(title, "version");
  for (const version of ["latest", "^1.0.0"]) yield set(title, ["version"], version);
  yield set(title, ["chart"], "oci://example.net/charts/miner");
  yield set(title, ["createNamespace"], true);
  yield remove(title, "timeout");
  for (const [key, value] of [
    ["postrender", "./rewrite.sh"],
    ["valueYamlFiles", ["values.yaml"]],
    ["reuseValues", true],
  ] as const)
    yield set(title, [key], value);
  const name = String(object.name);
  const chart = String(object.chart).split("/").at(-1) as ChartName;
  for (const { path } of GOVERNED_VALUES[chart] ?? []) {
    yield set(title, values(...path), "other");
    yield set(title, values(...path), { other: true });
  }
  for (const [path, value] of WEAKENINGS[name] ?? []) yield set(title, path, value);
  if (name === "kagent") yield push(title, values("rbac", "namespaces"), "kube-system");
  if (name === "kagent" || name === "kagent-crds") yield set(title, ["version"], "1.0.0");
};
