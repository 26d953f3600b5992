/** The way to a database outside of the cluster: by address for NetworkPolicy and mesh alike. */
import { kagent, MANAGED_BY } from "../../topology/index";
import type { ExternalDatabaseSettings } from "../../topology/schema";
import type { Manifest } from "../plan/manifest";
import { cidrs, type Flow, tcp } from "./network-peers";

export const databaseEgress = (database: ExternalDatabaseSettings): Flow[] => [
  { peers: cidrs(database.cidrs), ports: [tcp(database.port)] },
];

/**
 * Lets the controller's sidecar pass the connection under REGISTRY_ONLY. Postgres asks for TLS inside of its own protocol, so
 * there is no server name to go by: the mesh knows it by its addresses, and leaves them as they are.
 */
export function databaseServiceEntry({ host, cidrs, port }: ExternalDatabaseSettings): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "kagent-database", namespace: kagent.KAGENT_NAMESPACE, labels: MANAGED_BY },
    spec: {
      hosts: [host],
      addresses: cidrs,
      location: "MESH_EXTERNAL",
      resolution: "NONE",
      ports: [{ number: port, name: "tcp-postgres", protocol: "TCP" }],
      exportTo: ["."],
    },
  };
}
