/** Mutation score of the policy pack: how many single weakenings of the shipped stack it refuses. `npm run mutate`. */

import { Command } from "commander";
import { auditPolicy } from "../../components/layers/audit";
import { jwks, publicJwk, signToken } from "../../components/layers/token-signing";
import { plan } from "../../components/plan/plan";
import { evaluateRule } from "../../policy-pack/framework/evaluate";
import { isRenderedEngineValue, planned } from "../../policy-pack/framework/manifests";
import { StackIndex } from "../../policy-pack/framework/stack-index";
import { RULES } from "../../policy-pack/rules/index";
import { readTopology, type Topology, tokenClaims } from "../../topology/index";
import { Objects } from "../../verify/static/objects";
import { prove } from "../../verify/static/prove";
import { Draft, type Loose, titleOf } from "../policy/support/draft";
import { withEngineValues } from "../policy/support/engine";
import { shipped, shippedConfiguration, VARIANTS, type Variant } from "../policy/support/stacks";
import { inProduction } from "../support/configurations";
import { additions } from "./additions";
import { gatekeeper, native } from "./admission";
import { agents, secrets } from "./agents";
import { elsewhere } from "./elsewhere";
import { EXPLAINED } from "./explained";
import { authorizationPolicies, gateway, peerAuthentications, requestAuthentications } from "./identity";
import type { Mutant, Operator } from "./mutant";
import { accounts, bounds, namespaces, roles } from "./namespaces-and-rbac";
import { networkPolicies, serviceEntries } from "./network";
import { auditPolicies, certificates, clusterRoles, gatekeeperConfig, stores } from "./platform";
import { releases } from "./releases";

const OPERATORS: readonly Operator[] = [
  namespaces,
  bounds,
  roles,
  accounts,
  agents,
  secrets,
  networkPolicies,
  serviceEntries,
  peerAuthentications,
  authorizationPolicies,
  requestAuthentications,
  gateway,
  native,
  gatekeeper,
  releases,
  gatekeeperConfig,
  clusterRoles,
  certificates,
  stores,
  auditPolicies,
];

/** The shipped stack as `up` sees it: with keys and tokens in their places. */
export function deployed(variant: Variant): Loose[] {
  const topology = readTopology(shippedConfiguration(variant));
  const values = new Map([["jwks", jwks([publicJwk("not a secret", "1")])]]);
  for (const { caller, callee } of topology.delegations)
    values.set(
      `token/${caller.id}/${callee.id}`,
      signToken(tokenClaims(caller, callee, "1"), "not a secret", "1"),
    );
  return plan(topology).map(
    ({ manifest }) => withEngineValues(manifest, (name) => values.get(name) ?? "made-up") as Loose,
  );
}

/** The stacks that are weakened: the one that ships in all its forms, and with everything that production demands. */
export const MUTATED: readonly Variant[] = [...VARIANTS, { edit: inProduction }];
export const describeVariant = ({ routing, admission, edit }: Variant): string =>
  edit === undefined ? `routing ${routing}, admission ${admission}` : "in production";

/** The audit policy, which is a file of the API server and no resource. */
const audit = (variant: Variant): Loose =>
  ({
    metadata: { name: "audit" },
    ...auditPolicy(readTopology(shippedConfiguration(variant))),
  }) as unknown as Loose;
export const weakened = (variant: Variant): Loose[] => [...deployed(variant), audit(variant)];

/** Whether the static proof finds a way open that the graph does not know: an oracle that shares nothing with the pack. */
export function opensSomething(topology: Topology, manifests: readonly Loose[]): boolean {
  const { network, identity } = prove(topology, new Objects(manifests));
  return (
    network?.differences.some(({ found }) => found === "open") === true ||
    identity?.differences.some(({ found }) => found === "allowed") === true ||
    (identity?.notStrict ?? []).length > 0
  );
}

export function mutantsOf(stack: readonly Loose[]): Mutant[] {
  const found = stack.flatMap((object) =>
    OPERATORS.flatMap((operator) => [...operator(object, titleOf(object), stack)]),
  );
  return [
    ...new Map([...found, ...additions(), ...elsewhere()].map((mutant) => [mutant.name, mutant])).values(),
  ];
}

export interface Score {
  readonly total: number;
  readonly killed: number;
  readonly explained: readonly string[];
  readonly survivors: readonly string[];
}

export function score(variant: Variant): Score {
  const stack = weakened(variant);
  const topology = readTopology(shippedConfiguration(variant));
  const before = JSON.stringify(stack);
  // The rule that refused the last one first: mutants that follow one another are alike.
  const rules = [...RULES];
  let total = 0;
  const [survivors, explained] = [[] as string[], [] as string[]];
  for (const { name, change } of mutantsOf(stack)) {
    const draft = new Draft(stack);
    change(draft);
    if (JSON.stringify(draft.manifests) === before) continue;
    total += 1;
    const index = new StackIndex(planned(draft.manifests), isRenderedEngineValue);
    const refusing = rules.findIndex((rule) => evaluateRule(rule, index).findings.length > 0);
    if (refusing >= 0) {
      rules.unshift(...rules.splice(refusing, 1));
      continue;
    }
    // The proof reads what is planned: keys and tokens by their names.
    const proven = new Draft([...shipped(variant), audit(variant)]);
    change(proven);
    if (opensSomething(topology, proven.manifests)) survivors.push(`${name} (the proof finds a way open)`);
    else if (EXPLAINED.some((known) => known.name.test(name))) explained.push(name);
    else survivors.push(name);
  }
  const killed = total - survivors.length - explained.length;
  return { total, killed, explained, survivors };
}

function main(): void {
  const explained = new Set<string>();
  for (const variant of MUTATED) {
    const result = score(variant);
    for (const name of result.explained) explained.add(name);
    const counted = result.total - result.explained.length;
    const percent = ((100 * result.killed) / counted).toFixed(1);
    console.log(
      `${describeVariant(variant)}: ${result.killed} of ${counted} mutants refused (${percent} %), ${result.explained.length} explained`,
    );
    for (const name of result.survivors) console.log(`  survives: ${name}`);
    if (result.survivors.length > 0) process.exitCode = 1;
  }
  for (const { name, reason } of EXPLAINED) {
    const matched = [...explained].filter((mutant) => name.test(mutant));
    console.log(`explained: ${matched.length} mutants like ${matched[0] ?? name.source}\n  ${reason}`);
    if (matched.length === 0) process.exitCode = 1;
  }
}

if (require.main === module)
  new Command("mutate")
    .description(
      "Weakens the shipped stack one change at a time, and prints how many of the mutants the policy pack refuses. Exits 1 when one survives.",
    )
    .action(main)
    .parse();
