/** Egress to model endpoints: by address for NetworkPolicy, by host name for the mesh. */
import { BlockList, isIPv6 } from "node:net";
import {
  clusterRanges,
  MANAGED_BY,
  type Model,
  PRIVATE_IPV4,
  PRIVATE_IPV6,
  type Topology,
} from "../../topology/index";
import type { Manifest } from "../plan/manifest";
import { cidrs, type Flow, namespacePods, type Peer, tcp } from "./network-peers";

const family = (cidr: string) => (isIPv6(cidr.split("/")[0] ?? "") ? "ipv6" : "ipv4");

const prefixLength = (cidr: string) => Number(cidr.split("/")[1]);

/** Whether `outer` contains the whole of `inner`: its first address, with a prefix no longer than its own. */
function contains(outer: string, inner: string): boolean {
  if (family(outer) !== family(inner) || prefixLength(outer) > prefixLength(inner)) return false;
  const block = new BlockList();
  block.addSubnet(outer.split("/")[0] ?? "", prefixLength(outer), family(outer));
  return block.check(inner.split("/")[0] ?? "", family(inner));
}

/** The candidates that neither a range nor another candidate contains already, widest first. */
function notContained(candidates: readonly string[], ranges: readonly string[]): string[] {
  const widestFirst = [...new Set(candidates)].sort(
    (a, b) => prefixLength(a) - prefixLength(b) || (a < b ? -1 : 1),
  );
  const kept: string[] = [];
  for (const candidate of widestFirst) {
    if (![...ranges, ...kept].some((range) => contains(range, candidate))) kept.push(candidate);
  }
  return kept;
}

/** The public internet without everything that is, or may be, inside: the cluster's own ranges can be public addresses. */
export function publicInternet({
  cluster,
  externalDatabase,
}: Pick<Topology, "cluster" | "externalDatabase">): Peer[] {
  const own = [...(externalDatabase?.cidrs ?? []), ...clusterRanges(cluster)];
  const block = (everything: string, ranges: readonly string[], kind: string): Peer => ({
    ipBlock: {
      cidr: everything,
      except: [
        ...ranges,
        ...notContained(
          own.filter((cidr) => family(cidr) === kind),
          ranges,
        ),
      ],
    },
  });
  return [block("0.0.0.0/0", PRIVATE_IPV4, "ipv4"), block("::/0", PRIVATE_IPV6, "ipv6")];
}

export function modelEgress({ settings }: Model, topology: Topology): Flow[] {
  const { pods, port } = settings.egress;
  const peers =
    pods !== undefined
      ? [namespacePods(pods.namespace, pods.labels)]
      : settings.egress.cidrs.length > 0
        ? cidrs(settings.egress.cidrs)
        : publicInternet(topology);
  return [{ peers, ports: [tcp(port)] }];
}

/** Lets the team's sidecars know the hosts; with `outboundTrafficPolicy: REGISTRY_ONLY` they refuse all others. */
export function modelServiceEntry({ name, settings }: Model, tenant: string): Manifest[] {
  const { hosts, port } = settings.egress;
  if (hosts.length === 0) return [];
  const isWildcard = hosts.some((host) => host.startsWith("*"));
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: `model-${name}`, namespace: tenant, labels: MANAGED_BY },
      spec: {
        hosts,
        location: "MESH_EXTERNAL",
        // A name with a wildcard cannot be looked up: the address that the agent found is used as it is.
        resolution: isWildcard ? "NONE" : "DNS",
        ports: [{ number: port, name: "tls", protocol: "TLS" }],
        exportTo: ["."],
      },
    },
  ];
}
