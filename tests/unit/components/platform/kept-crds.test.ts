import * as assert from "node:assert/strict";
import { keptCrds } from "../../../../components/platform/kept-crds";
import { SYSTEMS } from "../../../../topology";
import { devTopology } from "../../../support/dev";

describe("after a destroy", () => {
  it("the CRDs that stay are listed, with the command that removes them", () => {
    assert.equal(
      keptCrds(devTopology()),
      [
        "CRDs of cert-manager.io, external-secrets.io, gatekeeper.sh, istio.io stay on the cluster: deleting one deletes every object of its kind, of others too.",
        "To remove them where nobody else uses them:",
        "  kubectl get crd -o name | grep -E '\\.(cert-manager\\.io|external-secrets\\.io|gatekeeper\\.sh|istio\\.io)$' | xargs -r kubectl delete",
      ].join("\n"),
    );
  });

  it("nothing is said of systems that were there before the stack", () => {
    const none = devTopology((c) => {
      for (const system of SYSTEMS) c.platform[system] = { install: false };
    });
    assert.equal(keptCrds(none), undefined);
    const istioOnly = devTopology((c) => {
      for (const system of SYSTEMS) if (system !== "istio") c.platform[system] = { install: false };
    });
    assert.match(keptCrds(istioOnly) ?? "", /^CRDs of istio\.io stay/);
  });
});
