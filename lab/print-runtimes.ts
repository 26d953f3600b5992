/** What the real agents did, for a terminal. */
import { type DelegationRun, isHeld, type RuntimeStep, type RuntimesReport } from "./report";

const LONGEST = 160;

export function printRuntimes({ versions, delegations }: RuntimesReport): string {
  const parts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `Real agents: ${parts.join(", ")}`,
    "  ours are the model's answers, its certificate, and the controller's sessions and tasks",
    ...delegations.flatMap(printDelegation),
  ].join("\n");
}

function printDelegation(run: DelegationRun): string[] {
  const { caller, callee, sender, secondsToStart, steps, controllerCalls, headersAtCallee } = run;
  const from = sender === "controller" ? "the controller" : "a process in the caller's own pod";
  const calls = new Map<string, number>();
  for (const call of controllerCalls) calls.set(call, (calls.get(call) ?? 0) + 1);
  return [
    `  ${caller} delegates to ${callee}; messages come from ${from}; both listen after ${secondsToStart.toFixed(1)} s`,
    ...steps.map(printStep),
    "    asked of the controller for the first message:",
    ...[...calls].map(([call, count]) => `      ${count} x ${call}`),
    `    headers at the callee's runtime: ${headersAtCallee.join(", ")}`,
  ];
}

function printStep(step: RuntimeStep): string {
  const { what, expected, arrived, tried, reached, seconds, seen } = step;
  const came = arrived ? "the callee's contribution comes back" : "nothing of the callee comes back";
  const how = [
    ...(tried ? [] : ["NOBODY was called"]),
    ...(reached && !expected ? ["the callee was REACHED"] : []),
  ];
  const words = seen.replaceAll(/\s+/g, " ");
  const short = words.length > LONGEST ? `${words.slice(0, LONGEST)}...` : words;
  return `    ${isHeld(step) ? "yes" : "NO "}  ${[what, came, ...how].join("; ")}, in ${seconds.toFixed(1)} s: ${short}`;
}
