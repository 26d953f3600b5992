/** Whether an Istio that the stack does not install keeps what the layers rely on: istiod's environment, and the mesh's configuration. */
import { parse } from "yaml";
import { isUsed } from "../components/platform/index";
import { istio, type Topology } from "../topology";
import { istiodVariable, scopesGateways } from "../topology/istiod-environment";
import { asList, asMap, isMap, type Loose } from "../topology/loose";
import type { Answer, Cluster } from "./cluster";
import { type Judgement, merged } from "./finding";
import { meshConfiguration } from "./mesh-configuration";

const NAMESPACE = istio.ISTIO_NAMESPACE;
const SELECTOR = new URLSearchParams({
  labelSelector: Object.entries(istio.ISTIOD_LABELS)
    .map((label) => label.join("="))
    .join(","),
});
const [SCOPE] = Object.keys(istio.GATEWAY_SCOPE);

interface Istiod {
  /** `Deployment istio-system/istiod`. */
  readonly title: string;
  readonly podSpec: unknown;
  readonly configMap: string;
}

/** Each revision serves proxies of its own, and which it serves their pods' labels say: so all are asked. */
export async function foreignIstio(cluster: Pick<Cluster, "get">, topology: Topology): Promise<Judgement> {
  if (topology.platform.istio.install) return merged([]);
  const answer = await cluster.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments?${SELECTOR}`);
  const all = [...environmentWanted(topology), ...meshWanted(topology)];
  if (answer.code !== 200) return untold(`${refusal(answer)} the Deployments of ${NAMESPACE}`, all);
  const istiods = asList(answer.body.items).map(asMap).filter(runs).map(istiodOf);
  if (istiods.length === 0)
    return untold(`No Deployment of istiod runs in ${NAMESPACE}, as where a mesh is managed elsewhere`, all);
  return merged([
    ...istiods.map((one) => environment(one, topology)),
    ...(await Promise.all(istiods.map((one) => mesh(cluster, one, topology)))),
  ]);
}

const runs = ({ spec }: Loose): boolean => asMap(spec).replicas !== 0;

function istiodOf({ metadata, spec }: Loose): Istiod {
  const { name, labels } = asMap(metadata);
  const { [istio.REVISION_LABEL]: revision = "default" } = asMap(labels);
  return {
    title: `Deployment ${NAMESPACE}/${name}`,
    podSpec: asMap(asMap(spec).template).spec,
    configMap: revision === "default" ? "istio" : `istio-${revision}`,
  };
}

const refusal = ({ code }: Answer): string =>
  code === 403 ? "The user of the kubeconfig may not read" : `The cluster answers ${code} to whoever reads`;

const environmentWanted = (topology: Topology): string[] =>
  isUsed("gateway", topology) ? [`istiod runs with ${SCOPE}=true`] : [];
const meshWanted = ({ cluster, platform }: Topology): string[] => [
  `the mesh's trust domain is ${cluster.trustDomain}`,
  ...(platform.outboundTraffic === "registry-only"
    ? ["its outboundTrafficPolicy.mode is REGISTRY_ONLY"]
    : []),
];

/** What cannot be read is not held against the cluster, which may well be right; but it is said. */
const untold = (because: string, wanted: readonly string[]): Judgement => ({
  findings: [],
  notes: [
    {
      what: `${because}: what the layers rely on there could not be judged.`,
      fix: `Make sure of it: ${wanted.join(", and ")}.`,
    },
  ],
});

function environment({ title, podSpec }: Istiod, topology: Topology): Judgement {
  const wanted = environmentWanted(topology);
  const isScoped = scopesGateways(podSpec);
  if (wanted.length === 0 || isScoped === true) return merged([]);
  if (isScoped === undefined) return untold(`${title} does not say itself what ${SCOPE} is`, wanted);
  return {
    findings: [
      {
        what: `${title} does not set ${SCOPE} to true: whoever may write Gateways in any namespace could answer in the place of the gateway between teams.`,
        fix: `Upgrade its release with env: {${SCOPE}: "true"}, once every Gateway of the mesh stands in the namespace of the pods that serve it; or set kagent-a2a:routing to direct.`,
      },
    ],
    notes: [],
  };
}

async function mesh(cluster: Pick<Cluster, "get">, istiod: Istiod, topology: Topology): Promise<Judgement> {
  const wanted = meshWanted(topology);
  if (istiodVariable(istiod.podSpec, "SHARED_MESH_CONFIG") !== "nothing")
    return untold(`${istiod.title} may merge another ConfigMap into its own (SHARED_MESH_CONFIG)`, wanted);
  const title = `ConfigMap ${NAMESPACE}/${istiod.configMap}`;
  const answer = await cluster.get(`/api/v1/namespaces/${NAMESPACE}/configmaps/${istiod.configMap}`);
  // istiod then takes defaults, or a file that nobody sees from outside.
  if (answer.code === 404) return untold(`There is no ${title}, where istiod has its configuration`, wanted);
  if (answer.code !== 200) return untold(`${refusal(answer)} ${title}`, wanted);
  const configuration = parsed(asMap(answer.body.data).mesh);
  if (configuration === undefined) return untold(`${title} holds no YAML map at key mesh`, wanted);
  return meshConfiguration(title, configuration, topology);
}

function parsed(text: unknown): Loose | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value: unknown = parse(text);
    return isMap(value) ? asMap(value) : undefined;
  } catch {
    return undefined;
  }
}
