/**
 * The program: configuration -> topology -> plan -> resources -> outputs.
 * Everything that governs is derived in `components/`, from the graph in `topology/`; nothing is decided here.
 */
import * as kubernetes from "@pulumi/kubernetes/provider";
import { stackConfiguration } from "./components/engine/configuration";
import { registerPlan } from "./components/engine/register";
import { GovernedAgents } from "./components/engine/root";
import { SigningKeys } from "./components/engine/signing-keys";
import { engineValues } from "./components/engine/values";
import { type StackOutputs, stackOutputs } from "./components/outputs";
import { plan } from "./components/plan/plan";

export default async function program(): Promise<StackOutputs> {
  const { topology, apiKeys } = stackConfiguration();
  const objects = plan(topology);

  const root = new GovernedAgents("kagent-a2a");
  const { context } = topology.cluster;
  const provider = new kubernetes.Provider("cluster", { ...(context && { context }) }, { parent: root });
  const keys = new SigningKeys("signing-keys", { rotation: topology.rotation }, { parent: root });

  registerPlan(objects, { provider, values: engineValues(topology, keys, apiKeys), parent: root });

  const outputs = stackOutputs(topology, objects);
  root.finish({ routing: outputs.routing });
  return outputs;
}
