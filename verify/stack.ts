/** What the stack says about itself, held against the configuration: whether it was deployed, whole, and from this one. */
import { LocalWorkspace, PulumiCommand } from "@pulumi/pulumi/automation";
import { type StackOutputs, stackOutputs } from "../components/outputs";
import type { PlannedObject } from "../components/plan/plan";
import type { Topology } from "../topology/index";
import { CannotRun } from "./errors";
import type { CheckResult } from "./result";

/** A deployed stack, as its backend knows it. */
export interface Deployed {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Of the last update: `succeeded`, `failed`, `in-progress`; undefined when there was none. */
  readonly lastResult: string | undefined;
}

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
  if (deployed.lastResult === undefined || Object.keys(deployed.outputs).length === 0)
    throw new CannotRun(
      `The stack ${stackName} was never deployed.`,
      `Deploy it: npm run up -- --stack ${stackName}`,
    );
  return deployed;
}

const RESULT = { layer: "stack", check: "the stack was deployed whole, from this configuration" } as const;

export function stackResults(
  topology: Topology,
  planned: readonly PlannedObject[],
  { outputs, lastResult }: Deployed,
): CheckResult[] {
  const fail = (subject: string, detail: string): CheckResult => ({
    ...RESULT,
    subject,
    status: "fail",
    detail,
  });
  const found: CheckResult[] = [];
  if (lastResult !== undefined && lastResult !== "succeeded")
    found.push(fail("last update", `${lastResult}: the stack may be deployed in part; run up again`));
  const wanted: StackOutputs = stackOutputs(topology, planned);
  const other = Object.keys(wanted).filter((key) => !(key in outputs));
  if (other.length > 0)
    return [
      ...found,
      fail("outputs", `${other.join(", ")} are missing: it was deployed by another version of this program`),
    ];
  if (outputs.version !== wanted.version)
    found.push(
      fail("version", `it was deployed by ${String(outputs.version)}, and this is ${wanted.version}`),
    );
  for (const part of ["tenants", "delegations", "principals"] as const) {
    const [declared, deployed] = [Object.keys(wanted[part]), Object.keys((outputs[part] ?? {}) as object)];
    for (const name of declared)
      if (!deployed.includes(name))
        found.push(fail(name, `is declared and was not deployed (${part}); run up`));
    for (const name of deployed)
      if (!declared.includes(name))
        found.push(fail(name, `was deployed and is not declared (${part}); run up`));
  }
  if (outputs.routing !== wanted.routing)
    found.push(fail("routing", `${String(outputs.routing)} was deployed, ${wanted.routing} is declared`));
  return found.length > 0
    ? found
    : [{ ...RESULT, subject: "stack", status: "pass", detail: `version ${wanted.version}` }];
}
