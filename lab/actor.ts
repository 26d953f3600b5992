/** One place of the lab. */
import { kagent, type Labels, type Topology } from "../topology/index";

export type Mesh = "sidecar" | "router" | "none";

export interface Actor {
  /** `<namespace>/<pod>`; in tables and reports. */
  readonly id: string;
  /** Other ids of it: of what has the same address. */
  readonly also?: readonly string[];
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly mesh: Mesh;
  /** Given for what is no pod of the cluster, and for what a range of the configuration must contain. */
  readonly address?: string;
  /** Ports on which it answers. */
  readonly http: readonly number[];
  readonly tls: readonly number[];
  /** Outside of the cluster: no Pod object. */
  readonly isOutside: boolean;
  /** What runs in it, where it is no application. */
  readonly part?: "dns" | "istiod";
  /** The Service in front of it. */
  readonly service?: { readonly name: string; readonly ports: readonly ServicePort[] };
  /** Of interest to network policies only, and for what it has to do with governed pods. */
  readonly isBesides?: boolean;
  /** Names that DNS gives for it besides its Service's. */
  readonly hosts: readonly string[];
}
export interface ServicePort {
  readonly name: string;
  readonly port: number;
}

export const pod = (namespace: string, name: string, rest: Partial<Actor>): Actor => ({
  id: `${namespace}/${name}`,
  name,
  namespace,
  labels: {},
  serviceAccount: "default",
  mesh: "none",
  http: [],
  tls: [],
  isOutside: false,
  hosts: [],
  ...rest,
});

/** Whether the graph has a say in its namespace. */
export const isGoverned = ({ tenants }: Topology, { namespace, isOutside }: Actor): boolean =>
  !isOutside && (namespace === kagent.KAGENT_NAMESPACE || tenants.some(({ name }) => name === namespace));
