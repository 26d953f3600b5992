/**
 * The program: configuration -> topology -> plan -> rules -> resources -> outputs.
 * Everything that governs is derived in `components/`, from the graph in `topology/`; nothing is decided here.
 */
import * as kubernetes from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import "./components/engine/debug-messages";
import { stackConfiguration } from "./components/engine/configuration";
import { holdToRules } from "./components/engine/guard";
import { registerPlan } from "./components/engine/register";
import { GovernedAgents } from "./components/engine/root";
import { SigningKeys } from "./components/engine/signing-keys";
import { engineValues } from "./components/engine/values";
import { type EngineOutputs, type StackOutputs, stackOutputs } from "./components/outputs";
import { plan } from "./components/plan/plan";
import type { ClusterSettings } from "./topology/schema";

export default async function program(): Promise<StackOutputs & EngineOutputs<pulumi.Output<string>>> {
  const { topology, apiKeys } = stackConfiguration();
  const objects = plan(topology);
  holdToRules(objects, topology);

  const root = new GovernedAgents("kagent-a2a");
  const provider = clusterProvider(topology.cluster, root);
  const keys = new SigningKeys("signing-keys", { rotation: topology.rotation }, { parent: root });

  registerPlan(objects, { provider, values: engineValues(topology, keys, apiKeys), parent: root });

  const outputs = stackOutputs(topology, objects);
  root.finish({ routing: outputs.routing });
  return { ...outputs, tokenKeys: keys.jwks };
}

/** The stack's one provider. What the stack declares wins over what somebody edited on the cluster. */
function clusterProvider({ context }: ClusterSettings, parent: pulumi.Resource): kubernetes.Provider {
  return new kubernetes.Provider(
    "cluster",
    {
      ...(context && { context }),
      // Otherwise drift made with kubectl ends in a conflict instead of being repaired (provider 4.34).
      enablePatchForce: true,
      // Otherwise new data replaces a Secret, deleting it first, and an Agent rendered in between finds no token.
      enableSecretMutable: true,
      enableConfigMapMutable: true,
    },
    { parent },
  );
}
