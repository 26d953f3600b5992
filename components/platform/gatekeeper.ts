/** Gatekeeper 3.23 (chart gatekeeper): fails closed, but for what this stack governs only. */
import { GATEKEEPER_NAMESPACE, kagent, MANAGED_BY, type Topology } from "../../topology/index";
import type { Planned } from "../plan/manifest";
import { type PlannedRelease, plannedRelease, releaseOf } from "./release";

export const GATEKEEPER = releaseOf("gatekeeper");

/** Namespaces that neither the webhook nor the audit judges: Gatekeeper's own alone, so that it can repair itself. */
export const EXEMPT_NAMESPACES = [GATEKEEPER_NAMESPACE] as const;

const CHANGES = ["CREATE", "UPDATE"];

/** What the API server asks the webhook about. An outage refuses these, and nothing else of the cluster. */
const WEBHOOK_RULES = [
  {
    apiGroups: [kagent.KAGENT_API_GROUP],
    apiVersions: ["*"],
    operations: CHANGES,
    resources: ["*"],
    scope: "*",
  },
  {
    // A namespace that is deleted ends by an update of `finalize`, and therefore not during an outage.
    apiGroups: [""],
    apiVersions: ["*"],
    operations: CHANGES,
    resources: ["namespaces", "namespaces/*"],
    scope: "*",
  },
  {
    // Gatekeeper judges its own rules here. CEL that does not compile is stored all the same, and then refuses all that the
    // rule judges (measured, 3.23.1).
    apiGroups: [
      "config.gatekeeper.sh",
      "constraints.gatekeeper.sh",
      "expansion.gatekeeper.sh",
      "externaldata.gatekeeper.sh",
      "mutations.gatekeeper.sh",
      "templates.gatekeeper.sh",
    ],
    apiVersions: ["*"],
    operations: CHANGES,
    resources: ["*"],
    scope: "*",
  },
];

export function gatekeeperReleases(topology: Topology): PlannedRelease[] {
  const replicas = topology.platform.highAvailability ? 3 : 1;
  return [
    plannedRelease(
      {
        chart: "gatekeeper",
        suggested: {
          replicas,
          // With a single replica a budget of one would stop every node from draining.
          pdb: { controllerManager: { minAvailable: replicas > 1 ? 1 : 0 } },
          logDenies: true,
          auditInterval: 60,
        },
        governed: {
          validatingWebhookFailurePolicy: "Fail",
          validatingWebhookCheckIgnoreFailurePolicy: "Fail",
          validatingWebhookCustomRules: WEBHOOK_RULES,
          validatingWebhookExemptNamespacesLabels: {},
          disableValidatingWebhook: false,
          disableAudit: false,
          // Nothing here mutates: one webhook less that could be in the way.
          disableMutation: true,
          enableExternalData: false,
          enableK8sNativeValidation: true,
          defaultCreateVAPForTemplates: true,
          defaultCreateVAPBindingForConstraints: true,
          controllerManager: { exemptNamespaces: [...EXEMPT_NAMESPACES], exemptNamespacePrefixes: [] },
          // The stack owns the namespace and its labels.
          postInstall: { labelNamespace: { enabled: false }, probeWebhook: { enabled: true } },
          postUpgrade: { labelNamespace: { enabled: false } },
          // The chart deletes them before its own hooks have ended (3.23).
          preUninstall: { deleteWebhookConfigurations: { enabled: false } },
          upgradeCRDs: { enabled: true },
        },
      },
      topology,
    ),
  ];
}

/** The same exemption for the audit, which knows nothing of the webhook's. Its name is fixed by Gatekeeper. */
export function gatekeeperConfig({ admission, platform }: Topology): Planned[] {
  // There is one of that name for the whole Gatekeeper: of one that somebody else installed it is theirs.
  if (admission !== "gatekeeper" || !platform.gatekeeper.install) return [];
  return [
    {
      layer: "platform",
      manifest: {
        apiVersion: "config.gatekeeper.sh/v1alpha1",
        kind: "Config",
        metadata: { name: "config", namespace: GATEKEEPER_NAMESPACE, labels: MANAGED_BY },
        spec: { match: [{ excludedNamespaces: [...EXEMPT_NAMESPACES], processes: ["*"] }] },
      },
    },
  ];
}
