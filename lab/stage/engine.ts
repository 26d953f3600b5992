/** The real engine, with the program, the policy pack and the provider of every stack, on the lab's API server. */
import type { Stack as EngineStack } from "@pulumi/pulumi/automation";
import { OperationFailed, operate } from "../../operations/operate";
import { type Step, titleOf } from "../../operations/steps";
import { installCrds } from "../../sandbox/crds";
import { ADOPT_EXISTING } from "../../sandbox/stack-repair";
import { sandboxConfiguration, sandboxStack } from "../../sandbox/stack-workspace";
import { readTopology } from "../../topology";
import { LabError } from "../errors";
import { labHome, type Stage } from "./stage";

export class Engine {
  private constructor(private readonly stack: EngineStack) {}

  /** @param raw configuration that the lab's topology was read from */
  static async on({ folder, parts }: Stage, raw: Readonly<Record<string, unknown>>): Promise<Engine> {
    const { engine } = parts;
    if (engine === undefined) throw new Error("the lab was started without an engine");
    const home = labHome(folder);
    await installCrds(home.kubeconfig, engine.crds);
    const configuration = sandboxConfiguration(raw);
    const { pulumiRoot } = engine;
    const stack = await sandboxStack({
      home,
      pulumiRoot,
      configuration,
      topology: readTopology(configuration),
    });
    // Whoever set the stage made some of the objects.
    stack.workspace.envVars = { ...stack.workspace.envVars, ...ADOPT_EXISTING };
    return new Engine(stack);
  }

  up(): Promise<string[]> {
    return this.run("up");
  }

  /** What `npm run refresh` does: reads the cluster, and tells what `up` would change. */
  refresh(): Promise<string[]> {
    return this.run("refresh");
  }

  /** @returns what was done, such as `update NetworkPolicy team-beta/agent-specialist` */
  private async run(operation: "up" | "refresh"): Promise<string[]> {
    try {
      const { steps } = await operate(this.stack, operation);
      return steps.filter(changes).map((step) => `${step.operation} ${titleOf(step)}`);
    } catch (error) {
      throw error instanceof OperationFailed ? new LabError(error.message) : error;
    }
  }
}

const changes = ({ operation }: Step): boolean => !["same", "read", "refresh"].includes(operation);
