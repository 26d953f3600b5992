/** Whether a Gatekeeper that the stack does not install would refuse what the stack's rules refuse. */
import { isUsed } from "../components/platform/index";
import { SYSTEM_TITLES, type Topology } from "../topology";
import { asList, asMap } from "../topology/loose";
import type { Cluster } from "./cluster";
import type { Finding } from "./finding";

/** Of Gatekeeper's chart (3.23). */
const GATEKEEPER_WEBHOOK = "validation.gatekeeper.sh";

/**
 * A Gatekeeper that somebody else installed: its CRDs stay when it goes, and its chart's default lets through whatever it cannot be
 * asked about.
 */
export async function webhookFindings(cluster: Cluster, topology: Topology): Promise<Finding[]> {
  if (!isUsed("gatekeeper", topology) || topology.platform.gatekeeper.install) return [];
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const { code, body } = await cluster.get(path);
  if (code !== 200) return [];
  const webhooks = asList(body.items).flatMap((item) => asList(asMap(item).webhooks).map(asMap));
  const found = webhooks.find(({ name }) => name === GATEKEEPER_WEBHOOK);
  const title = SYSTEM_TITLES.gatekeeper;
  if (found === undefined)
    return [
      {
        what: `kagent-a2a:platform.gatekeeper.install is false, and nobody answers for ${title}: there is no webhook ${GATEKEEPER_WEBHOOK}.`,
        fix: `Install ${title} first, or set platform.gatekeeper.install to true.`,
      },
    ];
  const unasked = unaskedOf(asList(found.rules).map(asMap));
  return [
    ...(found.failurePolicy === "Fail"
      ? []
      : [
          {
            what: `${title}'s webhook ${GATEKEEPER_WEBHOOK} has failurePolicy ${found.failurePolicy}: an outage would let in what the graph does not declare.`,
            fix: `Upgrade its release with validatingWebhookFailurePolicy: Fail, or set platform.gatekeeper.install to true.`,
          },
        ]),
    ...(unasked.length === 0
      ? []
      : [
          {
            what: `${title}'s webhook ${GATEKEEPER_WEBHOOK} is not asked about ${unasked.join(", ")}: labels could be set on that way.`,
            fix: `Upgrade its release with validatingWebhookCustomRules that name namespaces and namespaces/*, or set platform.gatekeeper.install to true.`,
          },
        ]),
  ];
}

/** Ways to write a namespace's labels; the chart's default asks about the first alone (Gatekeeper 3.23). */
const NAMESPACE_WRITES = ["namespaces", "namespaces/finalize", "namespaces/status"];

function unaskedOf(rules: readonly Readonly<Record<string, unknown>>[]): string[] {
  const patterns = rules
    .filter(({ apiGroups }) => asList(apiGroups).some((group) => group === "" || group === "*"))
    .flatMap(({ resources }) => asList(resources).map(String));
  return NAMESPACE_WRITES.filter((resource) => !patterns.some((pattern) => covers(pattern, resource)));
}

/** As the API server reads a webhook's `resources`: `*` is every resource, and no subresource. */
function covers(pattern: string, written: string): boolean {
  if (pattern === "*/*") return true;
  const [[wantedResource, wantedPart], [resource, part]] = [pattern.split("/"), written.split("/")];
  const fits = (wanted: string | undefined, one: string | undefined) =>
    wanted === one || (wanted === "*" && one !== undefined);
  return fits(wantedResource, resource) && fits(wantedPart, part);
}
