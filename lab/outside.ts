/** What lies outside of the mesh: models, the API server, a database, and places that nobody declared. */
import { isIPv4 } from "node:net";
import type { Model, Topology } from "../topology/index";
import { type Actor, pod } from "./actor";

export const ELSEWHERE = "elsewhere.example.net";
const ELSEWHERE_ADDRESS = "203.0.113.99";
/** Of a machine in a private network, and where clouds tell a node's secrets: no model is there. */
const PRIVATE_ADDRESSES = { private: "192.168.77.7", metadata: "169.254.169.254" };

export const modelId = ({ name }: Model): string => `outside/model-${name}`;
export const API_SERVER_ID = "outside/api-server";
export const ELSEWHERE_ID = "outside/elsewhere";
export const DATABASE_ID = "outside/database";

export const modelsOf = ({ agents }: Topology): Model[] => [
  ...new Map(agents.map(({ model }) => [model.name, model])).values(),
];

/** An address of a range: one of its own for each `last`, as far as the range is wide enough. */
function addressIn(cidrs: readonly string[], last: number): string | undefined {
  const base = cidrs.map((cidr) => cidr.split("/")).find(([address = ""]) => isIPv4(address));
  if (base === undefined) return undefined;
  const [address = "", prefix = "32"] = base;
  if (Number(prefix) === 0) return `203.0.113.${last}`;
  const size = 2 ** Math.min(8, 32 - Number(prefix));
  return address.replace(/\d+$/, (byte) => String(Number(byte) + (last % size)));
}

/** A port, and one beside it that nobody opens. */
const neighbours = (port: number): number[] => [port, port + 1];

const place = (id: string, address: string | undefined, rest: Partial<Actor>): Actor[] =>
  address === undefined
    ? []
    : [pod("outside", id.replace("outside/", ""), { ...rest, address, isOutside: true })];

function modelActors(models: readonly Model[]): Actor[] {
  return models.flatMap((model, index): Actor[] => {
    const { pods, cidrs, hosts, port } = model.settings.egress;
    if (pods !== undefined)
      return [
        {
          ...pod(pods.namespace, `model-${model.name}`, { labels: pods.labels, http: neighbours(port) }),
          id: modelId(model),
          service: { name: `model-${model.name}`, ports: [{ name: "http", port }] },
        },
      ];
    const address = cidrs.length > 0 ? addressIn(cidrs, 10 + index) : `203.0.113.${10 + index}`;
    return place(modelId(model), address, {
      tls: neighbours(port),
      hosts: hosts.map((host) => host.replace("*", "any")),
    });
  });
}

export function outside(topology: Topology): Actor[] {
  const { cluster, externalDatabase } = topology;
  const models = modelsOf(topology);
  const ports = models.flatMap(({ settings: { egress } }) =>
    egress.pods === undefined ? [egress.port] : [],
  );
  const anywhere = { tls: [...new Set([443, ...ports])].filter((port) => port !== 80), http: [80] };
  return onePerAddress([
    ...place(ELSEWHERE_ID, ELSEWHERE_ADDRESS, { ...anywhere, hosts: [ELSEWHERE] }),
    ...Object.entries(PRIVATE_ADDRESSES).flatMap(([name, address]) =>
      place(`outside/${name}`, address, anywhere),
    ),
    ...place(API_SERVER_ID, addressIn(cluster.apiServer.cidrs, 5), {
      tls: neighbours(cluster.apiServer.port),
    }),
    ...(externalDatabase === undefined
      ? []
      : place(DATABASE_ID, addressIn(externalDatabase.cidrs, 6), {
          tls: neighbours(externalDatabase.port),
          hosts: [externalDatabase.host],
        })),
    ...modelActors(models),
  ]);
}

/** Ranges can be as narrow as one address, and the same for several: then one place is all of these. */
function onePerAddress(actors: readonly Actor[]): Actor[] {
  const places = new Map<string, Actor>();
  for (const actor of actors) {
    const key = actor.address ?? actor.id;
    const there = places.get(key);
    if (there === undefined) {
      places.set(key, actor);
      continue;
    }
    const union = <T>(a: readonly T[], b: readonly T[]): T[] => [...new Set([...a, ...b])];
    const tls = union(there.tls, actor.tls);
    places.set(key, {
      ...there,
      also: [...(there.also ?? []), actor.id],
      tls,
      http: union(there.http, actor.http).filter((port) => !tls.includes(port)),
      hosts: union(there.hosts, actor.hosts),
    });
  }
  return [...places.values()];
}
