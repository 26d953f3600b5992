/** What the layers select in the platform's namespaces, against the pods that the real charts run there. */
import assert from "node:assert/strict";
import { plan } from "../../../../components/plan/plan";
import { istio, type Topology } from "../../../../topology";
import { type Doc, selects } from "../../../../verify/static/objects";
import { Charts } from "../../../support/charts";
import { BUILDING_MS } from "../../../support/controllers/plane";
import { platformTopologies } from "../../../support/platform-topologies";
import { Rendered } from "../../../support/rendered";
import { orSkip } from "../../../support/skip";

const KAGENT = "kagent";

/** `prod` stands on a mesh that is there already. */
const complete = Object.entries(platformTopologies).filter(([, { platform }]) => platform.istio.install);

for (const [stack, topology] of complete)
  describe(`the layers of ${stack}`, function () {
    this.timeout(60_000);
    let rendered: Rendered;

    before(async function () {
      this.timeout(BUILDING_MS);
      const charts = await orSkip(this, () => Charts.load());
      rendered = await Rendered.of(charts, topology);
      charts.remove();
    });

    it("select pods that the charts run, wherever they select in the platform", () => {
      const blind = platformSelectors(topology)
        .filter(
          ({ namespace, selector }) =>
            !podsOf(namespace).some((labels) => selects(selector, labels)) &&
            !(namespace === KAGENT && KAGENT_PODS.some((labels) => selects(selector, labels))),
        )
        .map(({ where }) => where);
      assert.deepEqual(blind, []);
    });

    it("select the gateway and istiod by labels of the rendered pods, not of a list", () => {
      const selectors = platformSelectors(topology);
      for (const [namespace, labels] of [
        [istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS],
        [istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS],
      ] as const) {
        assert.ok(selectors.some((each) => each.namespace === namespace && selects(each.selector, labels)));
        assert.ok(
          podsOf(namespace).some((pod) => selects({ matchLabels: labels }, pod)),
          JSON.stringify(labels),
        );
      }
    });

    it("name principals of the platform that run under such accounts", () => {
      const accounts = new Set([
        ...rendered.pods.map(({ namespace, spec }) => `${namespace}/${spec.serviceAccountName}`),
        // Of kagent's chart, which is not rendered here.
        ...["controller", "ui"].map((component) => `${KAGENT}/kagent-${component}`),
      ]);
      const named = JSON.stringify(planned("AuthorizationPolicy")).matchAll(/\/ns\/([-\w]+)\/sa\/([-\w]+)"/g);
      const ofPlatform = [...named]
        .map(([, namespace, account]) => `${namespace}/${account}`)
        .filter((id) => id.startsWith(`${KAGENT}/`) || id.startsWith(`${istio.ISTIO_NAMESPACE}/`));
      assert.ok(ofPlatform.length > 0);
      assert.deepEqual(
        ofPlatform.filter((id) => !accounts.has(id)),
        [],
      );
    });

    const planned = (kind: string): Doc[] =>
      plan(topology)
        .map(({ manifest }) => manifest as Doc)
        .filter((manifest) => manifest.kind === kind);
    const podsOf = (namespace: string) =>
      rendered.pods.filter((pod) => pod.namespace === namespace).map(({ labels }) => labels);
  });

/**
 * Checked against a list, not against the chart, which is in no module: the labels of the pods of chart kagent 0.10.4
 * (`templates/_helpers.tpl` of helm/kagent).
 */
const KAGENT_PODS = ["controller", "ui", "database"].map((component) => ({
  "app.kubernetes.io/name": KAGENT,
  "app.kubernetes.io/instance": KAGENT,
  "app.kubernetes.io/component": component,
}));

interface PlatformSelector {
  readonly where: string;
  readonly namespace: string;
  readonly selector: Doc;
}

/** Every selector of the plan that is meant for pods of the platform's own namespaces. */
function platformSelectors(topology: Topology): PlatformSelector[] {
  const platform = [KAGENT, istio.ISTIO_NAMESPACE];
  return plan(topology).flatMap(({ manifest }): PlatformSelector[] => {
    const { kind, metadata } = manifest;
    const spec = manifest.spec as Doc;
    const where = `${kind} ${metadata.namespace}/${metadata.name}`;
    const own = (selector: Doc) => [{ where, namespace: metadata.namespace ?? "", selector }];
    if (kind === "NetworkPolicy") {
      const peers = [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(
        ({ from = [], to = [] }: Doc) => [...from, ...to],
      );
      const elsewhere = peers
        .filter(({ podSelector }: Doc) => podSelector !== undefined)
        .flatMap(({ namespaceSelector, podSelector }: Doc) =>
          (namespaceSelector === undefined
            ? [metadata.namespace ?? ""]
            : platform.filter((name) => selects(namespaceSelector, { "kubernetes.io/metadata.name": name }))
          ).map((namespace: string) => ({ where: `a peer of ${where}`, namespace, selector: podSelector })),
        );
      return [...own(spec.podSelector), ...elsewhere].filter(({ namespace }) => platform.includes(namespace));
    }
    if (!platform.includes(metadata.namespace ?? "")) return [];
    if (kind === "Gateway") return own({ matchLabels: spec.selector });
    const isSecurity = manifest.apiVersion.startsWith("security.istio.io/") && spec.selector !== undefined;
    return isSecurity ? own(spec.selector) : [];
  });
}
