/** Stacks whose releases differ most: the shipped one, and one as a production cluster would have it. */
import type { Topology } from "../../topology";
import { devTopology, type Edit } from "./dev";

const production: Edit = (configuration) => {
  configuration.platform = { ...configuration.platform, highAvailability: true, protect: true };
  configuration.cluster.trustDomain = "agents.example.com";
  configuration.cluster.distribution = "gke";
};

export const platformTopologies: Readonly<Record<string, Topology>> = {
  dev: devTopology(),
  production: devTopology(production),
};
