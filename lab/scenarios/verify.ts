/**
 * `npm run verify` against the lab, which is a cluster for it: it reads the objects, runs its probes in the agents' pods by
 * `pods/exec`, and starts rogue pods. Then the same with a hole in one layer, which it must find by trying.
 */
import { tokenValue } from "../../components/layers/token";
import { type EngineValue, type Manifest, replaceEngineValues } from "../../components/plan/manifest";
import { plan } from "../../components/plan/plan";
import { audience, type Delegation, istio, kagent, subject, type Topology } from "../../topology/index";
import type { CheckResult, VerifyLayer } from "../../verify/result";
import { verify } from "../../verify/verify";
import type { VerifyControl, VerifyReport } from "../report";
import { delegationToVerify } from "./preconditions";
import type { World } from "./world";

/** Layers whose objects the lab has; the others belong to an API server with everything in force. */
const LAYERS: readonly VerifyLayer[] = ["network", "identity", "token", "routing"];
const TIMEOUT_SECONDS = 30;
const HOLE = "hole";

interface Hole {
  readonly change: string;
  readonly manifests: readonly Manifest[];
  /** Of the finding that must fail, and cannot for any other reason than that somebody got through. */
  readonly expected: string;
}

export async function runVerify(world: World): Promise<VerifyReport> {
  const { topology, stage, note } = world;
  const delegation = delegationToVerify(topology);
  await stage.enforceNetwork(true);
  await stage.apply(tokenSecrets(world));
  const kubelet = await stage.startKubelet();
  try {
    note("verify: as declared");
    const results = await ask(world);
    const controls: VerifyControl[] = [];
    for (const hole of holes(delegation, topology.routing)) {
      note(`verify: ${hole.change}`);
      controls.push(await tryHole(world, hole));
    }
    return { results, controls };
  } finally {
    await kubelet.stop();
  }
}

async function ask({ topology, stage }: World): Promise<CheckResult[]> {
  await stage.dropConnections();
  return verify({
    topology,
    cluster: { kubeconfig: stage.kubeconfig },
    only: LAYERS,
    timeoutSeconds: TIMEOUT_SECONDS,
  });
}

async function tryHole(world: World, { change, manifests, expected }: Hole): Promise<VerifyControl> {
  await world.stage.apply(manifests);
  await world.stage.synchronised();
  const results = await ask(world);
  for (const manifest of manifests) await world.stage.api.remove(manifest);
  const failed = results.filter(({ status }) => status === "fail").map(({ subject: of }) => of);
  return { change, expected, failed, isFound: failed.includes(expected) };
}

function holes({ callee, id }: Delegation, routing: Topology["routing"]): Hole[] {
  const guarded = [callee.tenant, ...(routing === "gateway" ? [istio.GATEWAY_NAMESPACE] : [])];
  return [
    {
      change: `a NetworkPolicy lets everyone into ${callee.tenant}`,
      manifests: [
        {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name: HOLE, namespace: callee.tenant },
          spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
        },
      ],
      expected: `rogue pod -> ${callee.id}`,
    },
    {
      change: `an AuthorizationPolicy allows every request in ${guarded.join(" and in ")}`,
      manifests: guarded.map((namespace) => ({
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata: { name: HOLE, namespace },
        spec: { rules: [{}] },
      })),
      expected: `${id}, no token`,
    },
    {
      change: `a PeerAuthentication lets ${callee.id} take plaintext`,
      manifests: [
        {
          apiVersion: "security.istio.io/v1",
          kind: "PeerAuthentication",
          metadata: { name: HOLE, namespace: callee.tenant },
          spec: {
            selector: { matchLabels: kagent.agentPodLabels(callee.name) },
            mtls: { mode: "PERMISSIVE" },
          },
        },
      ],
      // The callee's own Envoy says so: nobody is let into the pod without a sidecar who could try.
      expected: callee.id,
    },
  ];
}

/** What callers hold, with the lab's tokens in it. */
function tokenSecrets({ topology, tokens }: World): Manifest[] {
  const values = new Map(
    topology.delegations.map(({ caller, callee }) => [
      tokenValue(caller, callee).name,
      tokens.ofDelegation(subject(caller), audience(callee)),
    ]),
  );
  return plan(topology)
    .filter(({ layer, manifest }) => layer === "token" && manifest.kind === "Secret")
    .map(
      ({ manifest }) =>
        replaceEngineValues(manifest, ({ name }: EngineValue) => values.get(name)) as Manifest,
    );
}
