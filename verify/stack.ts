/** What the stack says about itself, held against the configuration: whether it was deployed, whole, and from this one. */
import { type StackOutputs, stackOutputs, TOKEN_KEYS } from "../components/outputs";
import type { PlannedObject } from "../components/plan/plan";
import type { Topology } from "../topology/index";
import type { CheckResult } from "./result";

/** A deployed stack, as its backend knows it. */
export interface Deployed {
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Of the last update: `succeeded`, `failed`, `in-progress`; undefined when there was none. */
  readonly lastResult: string | undefined;
}

/** The public keys that it made; undefined where no stack was asked. */
export function tokenKeysOf(deployed: Deployed | undefined): string | undefined {
  const keys = deployed?.outputs[TOKEN_KEYS];
  return typeof keys === "string" ? keys : undefined;
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
  const other = [...Object.keys(wanted), TOKEN_KEYS].filter((key) => !(key in outputs));
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
