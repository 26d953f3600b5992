/** The deployed stack, read from the backend that the Pulumi CLI is logged in to. */
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation";
import { CannotRun } from "./errors";
import type { Deployed } from "./stack";

/** @throws CannotRun when the stack cannot be read or was never deployed */
export async function readStack(stackName: string, workDir: string): Promise<Deployed> {
  const pulumiCommand = await PulumiCommand.get().catch(() => {
    throw new CannotRun(
      "The Pulumi CLI is not on the PATH, so the stack's outputs cannot be read.",
      "Install it (https://www.pulumi.com/docs/install/), or use --config FILE, which reads no stack.",
    );
  });
  let deployed: Deployed;
  try {
    const stack = await LocalWorkspace.selectStack({ stackName, workDir }, { pulumiCommand });
    const [outputs, info] = await Promise.all([stack.outputs(), stack.info()]);
    deployed = {
      outputs: Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value])),
      lastResult: info?.result,
    };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (/no stack named/.test(text))
      throw new CannotRun(
        `There is no stack ${stackName} in this backend.`,
        `Deploy it: pulumi stack init ${stackName}, then npm run up -- --stack ${stackName}`,
      );
    throw new CannotRun(
      `The stack ${stackName} cannot be read: ${/error: (.*)/.exec(text)?.[1] ?? text.split("\n")[0]}`,
      "Log in to its backend with the Pulumi CLI, or use --config FILE, which reads no stack.",
    );
  }
  const { lastResult } = deployed;
  if (lastResult === undefined || Object.keys(deployed.outputs).length === 0) {
    const isPartial = lastResult !== undefined && lastResult !== "succeeded";
    throw new CannotRun(
      `The stack ${stackName} was never deployed${isPartial ? ` whole: its last update is ${lastResult}` : ""}.`,
      `Deploy it: npm run up -- --stack ${stackName}`,
    );
  }
  return deployed;
}
