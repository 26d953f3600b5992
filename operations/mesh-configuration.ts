/**
 * What the layers rely on of a mesh's configuration (`meshConfig` of chart istiod) that somebody else wrote. Source: istiod 1.31.
 * Not asked for is `holdApplicationUntilProxyStarts`: on Kubernetes 1.33 and later sidecars start first anyway.
 */
import { istio, type Topology } from "../topology";
import { asList, asMap, type Loose } from "../topology/loose";
import type { Finding, Judgement } from "./finding";

/** Istio's default, and in a principal the name of whatever trust domain the mesh has. */
const LOCAL = "cluster.local";

/** @param title of the ConfigMap */
export function meshConfiguration(title: string, mesh: Loose, topology: Topology): Judgement {
  return {
    findings: [...trustDomain(title, mesh, topology), ...outboundTraffic(title, mesh, topology)],
    notes: [...aliases(title, mesh), ...rootNamespace(title, mesh)],
  };
}

/** Istio takes a field by its name in JSON, and by that in its protocol buffer: `trustDomain` and `trust_domain`. */
const fieldOf = (mesh: Loose, name: string): unknown =>
  mesh[name] ?? mesh[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];

const textOr = (value: unknown, otherwise: string): string =>
  typeof value === "string" && value !== "" ? value : otherwise;

const aliasesOf = (mesh: Loose): string[] => asList(fieldOf(mesh, "trustDomainAliases")).map(String);

function trustDomain(title: string, mesh: Loose, { cluster }: Topology): Finding[] {
  const domain = textOr(fieldOf(mesh, "trustDomain"), LOCAL);
  if ([LOCAL, domain, ...aliasesOf(mesh)].includes(cluster.trustDomain)) return [];
  return [
    {
      what: `${title} has the trust domain ${domain}, and kagent-a2a:cluster.trustDomain is ${cluster.trustDomain}: principals would fit nobody, and every call be refused.`,
      fix: `Set kagent-a2a:cluster.trustDomain to ${domain}.`,
    },
  ];
}

/** By name or number in the protocol buffer. Whatever else stands there, Istio may take for nothing, and then lets everything out. */
const CLOSED: readonly unknown[] = ["REGISTRY_ONLY", 0];

function outboundTraffic(title: string, mesh: Loose, { platform }: Topology): Finding[] {
  const { mode } = asMap(fieldOf(mesh, "outboundTrafficPolicy"));
  if (platform.outboundTraffic !== "registry-only" || CLOSED.includes(mode)) return [];
  return [
    {
      what: `${title} does not say that pods reach known hosts only, and kagent-a2a:platform.outboundTraffic is registry-only.`,
      fix: "Set outboundTrafficPolicy: {mode: REGISTRY_ONLY} in the mesh's configuration; or, where what NetworkPolicy allows is narrow enough, set platform.outboundTraffic to any.",
    },
  ];
}

function aliases(title: string, mesh: Loose): Finding[] {
  const found = aliasesOf(mesh);
  if (found.length === 0) return [];
  return [
    {
      what: `${title} takes identities of ${found.join(", ")} for the mesh's own (trustDomainAliases): an account there with an agent's namespace and name is that agent.`,
      fix: "Remove those from which no workload calls any more.",
    },
  ];
}

function rootNamespace(title: string, mesh: Loose): Finding[] {
  const root = textOr(fieldOf(mesh, "rootNamespace"), istio.ISTIO_NAMESPACE);
  if (root === istio.ISTIO_NAMESPACE) return [];
  return [
    {
      what: `${title} has the root namespace ${root}: policies there hold for every tenant, and rules and verify look for them in ${istio.ISTIO_NAMESPACE}.`,
      fix: `Let nobody but the platform write Istio's objects in ${root}, and look there for what allows too much.`,
    },
  ];
}
