/** Random valid configurations on any platform: what is installed, in which version and size, who signs, on which cluster. */
import * as fc from "fast-check";
import { SYSTEMS, type System } from "../../topology";
import type { Edit } from "./dev";
import { configurations } from "./topologies";

type Settings = Readonly<Record<string, unknown>>;

/** Exact versions besides those that are shipped. */
const OTHER_VERSIONS: Partial<Record<System, string>> = {
  certManager: "v1.22.0",
  externalSecrets: "2.8.0",
  gatekeeper: "3.22.2",
  istio: "1.32.1",
  gateway: "1.32.1",
};

const system = (name: System): fc.Arbitrary<Settings> =>
  fc.record({ install: fc.boolean(), isOther: fc.boolean() }).map(({ install, isOther }) => ({
    install,
    ...(isOther && OTHER_VERSIONS[name] !== undefined && { version: OTHER_VERSIONS[name] }),
  }));

const platform = fc.record({
  highAvailability: fc.boolean(),
  protect: fc.boolean(),
  outboundTraffic: fc.constantFrom("registry-only", "any"),
  ...Object.fromEntries(SYSTEMS.map((name) => [name, system(name)])),
}) as fc.Arbitrary<Settings>;

/** Who signs the mesh's certificates is the stack's business only where the mesh is. */
const withAuthority =
  (pki: string): Edit =>
  (configuration) => {
    if (configuration.platform.istio.install === false) return;
    if (pki === "vault" && configuration.vault === undefined) return;
    configuration.pki = pki;
    if (pki === "vault") configuration.meshCa = { vault: { role: "mesh-intermediate" } };
  };

const edits: fc.Arbitrary<Edit> = fc
  .record({
    platform,
    pki: fc.constantFrom("none", "selfSigned", "vault"),
    distribution: fc.constantFrom("kind", "kubeadm", "k3d", "k3s", "eks", "gke", "aks", "other"),
  })
  .map(({ platform, pki, distribution }) => (configuration) => {
    configuration.platform = structuredClone(platform);
    configuration.cluster.distribution = distribution;
    withAuthority(pki)(configuration);
  });

/** A configuration of `topologies.ts`, and everything else that a stack may say. */
export const stacks = (): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(configurations(), edits).map(([configuration, edit]) => {
    edit(configuration);
    return configuration;
  });
