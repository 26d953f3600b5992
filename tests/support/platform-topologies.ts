/** Stacks whose releases differ most: the shipped ones, and one with every part in production size. */
import { join } from "node:path";
import { readStackFile, readTopology, type Topology } from "../../topology";
import { devTopology, type Edit } from "./dev";

const large: Edit = (configuration) => {
  configuration.platform = { ...configuration.platform, highAvailability: true, protect: true };
  configuration.cluster.trustDomain = "agents.example.com";
  configuration.cluster.distribution = "gke";
};

export const platformTopologies: Readonly<Record<string, Topology>> = {
  dev: devTopology(),
  large: devTopology(large),
  prod: readTopology(readStackFile(join(__dirname, "../../Pulumi.prod.yaml"))),
};
