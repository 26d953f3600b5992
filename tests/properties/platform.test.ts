import * as assert from "node:assert/strict";
import * as fc from "fast-check";
import { isRelease } from "../../components/plan/manifest";
import { type PlannedObject, plan } from "../../components/plan/plan";
import {
  readTopology,
  SERVED_GROUPS,
  SYSTEM_NAMESPACES,
  SYSTEMS,
  type System,
  type Topology,
} from "../../topology";
import { VAULT } from "../support/configurations";
import type { Raw } from "../support/dev";
import { configurations } from "../support/topologies";

/** Any graph, on a platform of which any part is there already, and any authority of a mesh that the stack installs. */
const platforms = fc.tuple(
  configurations(),
  fc.record(Object.fromEntries(SYSTEMS.map((system) => [system, fc.record({ install: fc.boolean() })]))),
  fc.constantFrom(undefined, "none", "selfSigned", "vault"),
);

interface Stack {
  readonly topology: Topology;
  readonly objects: readonly PlannedObject[];
  /** Everything that is there before an object, directly or not. */
  readonly behind: (key: string) => ReadonlySet<string>;
  readonly isInstalled: (system: System) => boolean;
}

function stackOf(
  raw: Record<string, unknown>,
  platform: Record<string, { install: boolean }>,
  pki: string | undefined,
): Stack {
  const configuration: Raw = { ...structuredClone(raw), platform };
  if (platform.istio?.install && pki !== undefined) configuration.pki = pki;
  if (configuration.pki === "vault") {
    configuration.vault ??= structuredClone(VAULT);
    configuration.meshCa = { vault: { role: "mesh-intermediate" } };
  }
  const topology = readTopology(configuration);
  const objects = plan(topology);
  const closures = new Map<string, Set<string>>();
  for (const { key, dependsOn } of objects) {
    const all = new Set(dependsOn);
    for (const needed of dependsOn) for (const further of closures.get(needed) ?? []) all.add(further);
    closures.set(key, all);
  }
  const installed = new Set(objects.filter(({ manifest }) => isRelease(manifest)).map(({ key }) => key));
  return {
    topology,
    objects,
    behind: (key) => closures.get(key) ?? new Set(),
    isInstalled: (system) => RELEASES[system].some((key) => installed.has(key)),
  };
}

const check = (property: (stack: Stack) => void) =>
  fc.assert(
    fc.property(platforms, ([raw, platform, pki]) => property(stackOf(raw, platform, pki))),
    { numRuns: 100 },
  );

const RELEASES: Readonly<Record<System, readonly string[]>> = {
  certManager: ["helm.sh/v3/Release/cert-manager/cert-manager"],
  externalSecrets: ["helm.sh/v3/Release/external-secrets/external-secrets"],
  gatekeeper: ["helm.sh/v3/Release/gatekeeper-system/gatekeeper"],
  istio: [
    "helm.sh/v3/Release/istio-system/istio-base",
    "helm.sh/v3/Release/istio-system/istiod",
    "helm.sh/v3/Release/istio-system/istio-cni",
  ],
  gateway: ["helm.sh/v3/Release/kagent/a2a-gateway"],
  kagent: ["helm.sh/v3/Release/kagent/kagent-crds", "helm.sh/v3/Release/kagent/kagent"],
};
const [KAGENT_CRDS = "", KAGENT = ""] = RELEASES.kagent;
const [BASE = "", ISTIOD = "", CNI = ""] = RELEASES.istio;

describe("the plan of any graph, on a platform of which any part is there already", () => {
  it("has no cycle: each object stands once, behind everything that it waits for", () => {
    check(({ objects }) => {
      const seen = new Set<string>();
      for (const { key, dependsOn } of objects) {
        assert.ok(!seen.has(key), `${key} is planned twice`);
        for (const needed of dependsOn) assert.ok(seen.has(needed), `${key} stands before ${needed}`);
        seen.add(key);
      }
    });
  });

  it("installs exactly what is to be installed and is used", () => {
    check(({ objects, topology: { platform, admission, routing } }) => {
      const unused = [
        ...(admission === "native" ? ["gatekeeper"] : []),
        ...(routing === "direct" ? ["gateway"] : []),
      ];
      const wanted = SYSTEMS.filter((system) => platform[system].install && !unused.includes(system));
      assert.deepEqual(
        objects
          .filter(({ manifest }) => isRelease(manifest))
          .map(({ key }) => key)
          .sort(),
        wanted.flatMap((system) => RELEASES[system]).sort(),
      );
    });
  });

  it("creates nothing before what serves and validates it", () => {
    check(({ objects, behind, isInstalled }) => {
      for (const { key, manifest } of objects) {
        const system = SERVED_GROUPS[manifest.apiVersion.split("/")[0] ?? ""];
        if (system === undefined || !isInstalled(system)) continue;
        // The plugin on the nodes serves pods, not objects.
        for (const release of RELEASES[system])
          if (release !== CNI) assert.ok(behind(key).has(release), `${key} does not wait for ${release}`);
      }
    });
  });

  it("creates nothing in a namespace that is not there, and owns no namespace of what it does not install", () => {
    check(({ objects, behind, isInstalled }) => {
      const namespaces = new Set(
        objects
          .filter(({ manifest }) => manifest.kind === "Namespace")
          .map(({ manifest }) => manifest.metadata.name),
      );
      for (const { key, manifest } of objects) {
        const { namespace } = manifest.metadata;
        if (namespace === undefined) continue;
        const system = SYSTEMS.find((one) => SYSTEM_NAMESPACES[one] === namespace);
        if (namespaces.has(namespace)) assert.ok(behind(key).has(`v1/Namespace//${namespace}`), key);
        else assert.ok(system !== undefined && !isInstalled(system), `${key} is in no namespace`);
      }
      for (const system of SYSTEMS)
        assert.equal(
          namespaces.has(SYSTEM_NAMESPACES[system]),
          isInstalled(system) || SYSTEM_NAMESPACES[system] === "kagent",
        );
    });
  });

  it("starts pods of the mesh only behind the mesh, and behind what closes their namespace", () => {
    check(({ objects, behind, isInstalled }) => {
      for (const { key, manifest } of objects) {
        const isOfMesh =
          manifest.kind === "Agent" || (isRelease(manifest) && manifest.metadata.namespace === "kagent");
        if (!isOfMesh || key === KAGENT_CRDS) continue;
        if (isInstalled("istio"))
          for (const release of [BASE, ISTIOD, CNI])
            assert.ok(behind(key).has(release), `${key} without ${release}`);
        for (const guard of [
          "networking.k8s.io/v1/NetworkPolicy/kagent/default-deny",
          "security.istio.io/v1/AuthorizationPolicy/kagent/allow-nothing",
          "security.istio.io/v1/PeerAuthentication/kagent/default",
        ])
          assert.ok(behind(key).has(guard), `${key} without ${guard}`);
      }
    });
  });

  it("has the mesh's intermediate in `cacerts` before istiod starts, unless there is none", () => {
    check(({ objects, behind, topology: { pki }, isInstalled }) => {
      const [intermediate, ...more] = objects.filter(
        ({ manifest }) => (manifest.spec as Raw)?.secretName === "cacerts",
      );
      assert.deepEqual(more, []);
      assert.equal(intermediate !== undefined, isInstalled("istio") && pki !== "none");
      if (intermediate === undefined) return;
      assert.ok(behind(ISTIOD).has(intermediate.key), "istiod may start without it");
      assert.equal(intermediate.manifest.metadata.annotations?.["pulumi.com/waitFor"], "condition=Ready");
      for (const key of RELEASES.certManager)
        assert.equal(behind(intermediate.key).has(key), isInstalled("certManager"));
    });
  });

  it("keeps kagent's namespace when the stack goes, exactly where somebody else installed kagent", () => {
    check(({ objects, topology: { platform } }) => {
      const kept = objects.filter(({ retain }) => retain).map(({ key }) => key);
      assert.deepEqual(kept, platform.kagent.install ? [] : ["v1/Namespace//kagent"]);
    });
  });

  it("touches nothing of a Gatekeeper that it does not install but by rules of its own", () => {
    check(({ objects, isInstalled }) => {
      const configs = objects.filter(({ manifest }) =>
        manifest.apiVersion.startsWith("config.gatekeeper.sh/"),
      );
      assert.equal(configs.length, isInstalled("gatekeeper") ? 1 : 0);
    });
  });

  it("creates no namespace between Gatekeeper's webhook and its first answer", () => {
    check(({ objects, behind, isInstalled }) => {
      if (!isInstalled("gatekeeper")) return;
      const [gatekeeper = ""] = RELEASES.gatekeeper;
      for (const { key, manifest } of objects)
        if (manifest.kind === "Namespace")
          assert.ok(
            behind(gatekeeper).has(key) || behind(key).has(gatekeeper),
            `${key} may meet a closed webhook`,
          );
    });
  });

  it("has admission in force before a tenant's namespace, and that before kagent, which makes Roles in it", () => {
    check(({ objects, behind, topology, isInstalled }) => {
      const admission = objects.filter(({ layer }) => layer === "admission");
      assert.ok(admission.length > 0);
      for (const { name } of topology.tenants) {
        const namespace = `v1/Namespace//${name}`;
        for (const { key } of admission) assert.ok(behind(namespace).has(key), `${namespace} before ${key}`);
        if (isInstalled("kagent")) assert.ok(behind(KAGENT).has(namespace), `kagent before ${namespace}`);
      }
      for (const { key, manifest } of objects)
        if (isInstalled("kagent") && manifest.kind === "Agent") assert.ok(behind(key).has(KAGENT), key);
    });
  });

  it("installs External Secrets behind the authority that signs its webhook", () => {
    check(({ behind, isInstalled }) => {
      if (!isInstalled("externalSecrets")) return;
      const [release = ""] = RELEASES.externalSecrets;
      assert.ok(behind(release).has("cert-manager.io/v1/Issuer/external-secrets/webhook-authority"));
      for (const key of RELEASES.certManager)
        assert.equal(behind(release).has(key), isInstalled("certManager"));
    });
  });
});
