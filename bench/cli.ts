/** `npm run bench -- planning|policy-pack|verify|start|stack|lab`: figures, not tests. */
import { Command } from "commander";
import { CommandError, run } from "../commands/shared";
import { benchLab } from "./lab";
import { benchPlanning } from "./planning";
import { benchPolicyPack } from "./policy-pack";
import { benchStack } from "./stack";
import { benchStart } from "./start";
import { benchVerify } from "./verify";

const write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** @throws CommandError for what is no number of tenants */
function sizes(text: string): number[] {
  const numbers = text.split(",").map(Number);
  if (numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new CommandError(`--tenants ${text}: it must be whole numbers, such as 2,10.`);
}

const program = new Command("bench").description(
  "Measures; figures are no tests. Compare those of one run only.",
);
program
  .command("planning")
  .description("pure planning for up to 1,000 tenants, 3,000 agents and 5,000 delegations")
  .action(() => run(() => benchPlanning(write)));
program
  .command("verify")
  .description("the proofs of verify --static for up to 1,000 tenants")
  .action(() => run(() => benchVerify(write)));
program
  .command("policy-pack")
  .description("the policy pack: its start, its time per resource, and its share of a preview")
  .option("--tenants <numbers>", "sizes to measure, separated by commas", "2,10,50,100")
  .action(({ tenants }: { tenants: string }) => run(() => benchPolicyPack(sizes(tenants), write)));
program
  .command("start")
  .description("npm start from its first line to its last, with every program in the cache, and its memory")
  .action(() => run(() => benchStart(write)));
program
  .command("stack")
  .description("up and no-op up on the embedded control plane, beside kubectl apply --server-side")
  .option("--tenants <numbers>", "sizes to measure, separated by commas", "2,10,50,100")
  .action(({ tenants }: { tenants: string }) => run(() => benchStack(sizes(tenants), write)));
program
  .command("lab")
  .description("the lab's matrix, cell by cell in the real parts: time to be ready and to ask, and memory")
  .option("--tenants <numbers>", "sizes to measure, separated by commas", "2,5,10")
  .action(({ tenants }: { tenants: string }) => run(() => benchLab(sizes(tenants), write)));
program.parseAsync();
