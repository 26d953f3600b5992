import * as pulumi from "@pulumi/pulumi";

/** Root of everything the program registers. */
export class GovernedAgents extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("kagent-a2a:index:GovernedAgents", name, {}, options);
  }

  finish(outputs: pulumi.Inputs): void {
    this.registerOutputs(outputs);
  }
}
