/**
 * What the graph says about connections, computed from the configuration alone: no manifest, and nothing of the code that
 * writes manifests. Each governed end has openings; a connection is declared when each of its governed ends has one for it.
 */
import {
  type Agent,
  istio,
  kagent,
  PRIVATE_IPV4,
  PRIVATE_IPV6,
  type Topology,
} from "../../../topology/index";
import { contains } from "../addresses";
import type { End, Role } from "../ends";
import { DIRECTIONS, type Direction, type Protocol } from "../network";
import { type Labels, push } from "../objects";

export interface Opening {
  /** Indices of ends. */
  readonly others: ReadonlySet<number>;
  readonly ports: readonly (readonly [number, Protocol])[];
}
export type Openings = Readonly<Record<Direction, readonly Opening[]>>;

const DNS_PORT = 53;
const tcp = (...ports: number[]): (readonly [number, Protocol])[] => ports.map((port) => [port, "TCP"]);

/** Every port that the configuration, or kagent and Istio for it, give a meaning. */
export function declaredPorts({ cluster, tenants, externalDatabase }: Topology): number[] {
  return [
    DNS_PORT,
    kagent.AGENT_PORT,
    kagent.CONTROLLER_PORT,
    kagent.UI_PORT,
    kagent.DATABASE_PORT,
    istio.GATEWAY_PORT,
    istio.ISTIOD_PORT,
    ...istio.PROBE_PORTS,
    cluster.apiServer.port,
    ...(externalDatabase === undefined ? [] : [externalDatabase.port]),
    ...tenants.flatMap(({ models }) => models.map(({ settings }) => settings.egress.port)),
  ];
}

export class DeclaredConnections {
  readonly #byRole = new Map<Role, number[]>();
  readonly #byNamespace = new Map<string, number[]>();
  readonly #agents = new Map<string, number>();
  readonly #cidrs = new Map<string, ReadonlySet<number>>();
  readonly #public: ReadonlySet<number>;
  readonly #ofAllPods: Openings;

  constructor(
    readonly topology: Topology,
    readonly ends: readonly End[],
  ) {
    for (const [index, { role, agent, pod }] of ends.entries()) {
      push(this.#byRole, role, index);
      if (pod) push(this.#byNamespace, pod.namespace, index);
      if (agent) this.#agents.set(agent.id, index);
    }
    const { cluster } = topology;
    this.#public = new Set(
      [...ends.keys()].filter((index) =>
        [
          ...[...PRIVATE_IPV4, ...PRIVATE_IPV6],
          ...[cluster.podCIDRs, cluster.serviceCIDRs, cluster.nodeCIDRs, cluster.apiServer.cidrs].flat(),
          ...(topology.externalDatabase?.cidrs ?? []),
        ].every((cidr) => !contains(cidr, ends[index]?.address ?? "")),
      ),
    );
    const { dns } = cluster;
    const resolvers = new Set([...this.#pods(dns.namespace, dns.labels), ...this.#within(dns.cidrs)]);
    this.#ofAllPods = {
      Ingress: [{ others: this.#within(cluster.nodeCIDRs), ports: tcp(...istio.PROBE_PORTS) }],
      Egress: [
        {
          others: resolvers,
          ports: [
            [DNS_PORT, "UDP"],
            [DNS_PORT, "TCP"],
          ],
        },
        {
          others: new Set(this.#pods(istio.ISTIO_NAMESPACE, istio.ISTIOD_LABELS)),
          ports: tcp(istio.ISTIOD_PORT),
        },
      ],
    };
  }

  /** Undefined for an end that nobody governs: it may do anything. */
  of(index: number): Openings | undefined {
    const end = this.ends[index];
    if (end === undefined || !end.isGoverned) return undefined;
    const own = this.#own(end);
    const [Ingress, Egress] = DIRECTIONS.map((direction) => [
      ...this.#ofAllPods[direction],
      ...own[direction],
    ]) as [Opening[], Opening[]];
    return { Ingress, Egress };
  }

  #own({ role, agent }: End): Openings {
    const { cluster, agents, externalDatabase } = this.topology;
    const entry = cluster.entry.flatMap(({ namespace, labels }) => this.#pods(namespace, labels));
    const opening = (others: readonly number[], port: number): Opening => ({
      others: new Set(others),
      ports: tcp(port),
    });
    switch (role) {
      case "agent":
        return agent === undefined ? { Ingress: [], Egress: [] } : this.#agent(agent);
      case "gateway":
        return {
          Ingress: [
            opening(
              this.#those(agents, ({ callees }) => callees.length > 0),
              istio.GATEWAY_PORT,
            ),
          ],
          Egress: [
            opening(
              this.#those(agents, ({ callers }) => callers.length > 0),
              kagent.AGENT_PORT,
            ),
          ],
        };
      case "controller":
        return {
          Ingress: [
            opening(
              [...this.#those(agents, () => true), ...this.#role("ui"), ...entry],
              kagent.CONTROLLER_PORT,
            ),
          ],
          Egress: [
            opening(
              this.#those(agents, ({ settings }) => settings.exposed),
              kagent.AGENT_PORT,
            ),
            externalDatabase === undefined
              ? opening(this.#role("database"), kagent.DATABASE_PORT)
              : { others: this.#within(externalDatabase.cidrs), ports: tcp(externalDatabase.port) },
            { others: this.#within(cluster.apiServer.cidrs), ports: tcp(cluster.apiServer.port) },
          ],
        };
      case "ui":
        return {
          Ingress: [opening(entry, kagent.UI_PORT)],
          Egress: [opening(this.#role("controller"), kagent.CONTROLLER_PORT)],
        };
      case "database":
        return externalDatabase === undefined
          ? { Ingress: [opening(this.#role("controller"), kagent.DATABASE_PORT)], Egress: [] }
          : { Ingress: [], Egress: [] };
      default:
        return { Ingress: [], Egress: [] };
    }
  }

  #agent({ callees, callers, settings, model }: Agent): Openings {
    const viaGateway = this.topology.routing === "gateway";
    const gateway = this.#role("gateway");
    const delegators = viaGateway ? (callers.length > 0 ? gateway : []) : this.#those(callers, () => true);
    const opening = (others: Iterable<number>, port: number): Opening => ({
      others: new Set(others),
      ports: tcp(port),
    });
    const { pods, cidrs, port } = model.settings.egress;
    const serving =
      pods !== undefined
        ? this.#pods(pods.namespace, pods.labels)
        : cidrs.length > 0
          ? this.#within(cidrs)
          : this.#public;
    return {
      Ingress: [
        opening([...delegators, ...(settings.exposed ? this.#role("controller") : [])], kagent.AGENT_PORT),
      ],
      Egress: [
        opening(this.#role("controller"), kagent.CONTROLLER_PORT),
        opening(serving, port),
        viaGateway
          ? opening(callees.length > 0 ? gateway : [], istio.GATEWAY_PORT)
          : opening(
              this.#those(callees, () => true),
              kagent.AGENT_PORT,
            ),
      ],
    };
  }

  #role(role: Role): readonly number[] {
    return this.#byRole.get(role) ?? [];
  }

  #those(agents: readonly Agent[], which: (agent: Agent) => boolean): number[] {
    return agents.filter(which).flatMap(({ id }) => this.#agents.get(id) ?? []);
  }

  #pods(namespace: string, labels: Labels): number[] {
    return (this.#byNamespace.get(namespace) ?? []).filter((index) =>
      Object.entries(labels).every(([key, value]) => this.ends[index]?.pod?.labels[key] === value),
    );
  }

  #within(cidrs: readonly string[]): ReadonlySet<number> {
    const key = cidrs.join(" ");
    const known = this.#cidrs.get(key);
    if (known !== undefined) return known;
    const found = new Set(
      [...this.ends.keys()].filter((index) =>
        cidrs.some((cidr) => contains(cidr, this.ends[index]?.address ?? "")),
      ),
    );
    this.#cidrs.set(key, found);
    return found;
  }
}
