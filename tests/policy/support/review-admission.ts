/**
 * Records the CEL of `components/layers/admission` as reviewed: `npm run policies:review`. To be run by whoever has read the
 * change; the pack refuses every other CEL. The pack itself reads the digests and nothing of `components/`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { planned } from "../../../policy-pack/framework/manifests";
import { StackIndex } from "../../../policy-pack/framework/stack-index";
import { admissionPolicies, digest, ROLE_NAMES } from "../../../policy-pack/reading/admission";
import { shipped } from "./stacks";

export const REVIEW_FILE = join(__dirname, "..", "..", "..", "policy-pack", "reviewed-admission.json");

/** Digests of the CEL that the program deploys, by what it checks. Both engines have the same. */
export function currentDigests(): Record<string, string[]> {
  const views = (["native", "gatekeeper"] as const).flatMap((admission) =>
    admissionPolicies(new StackIndex(planned(shipped({ admission })), () => false)),
  );
  return Object.fromEntries(
    ROLE_NAMES.map((role) => [
      role,
      [...new Set(views.filter((view) => view.role === role).map(({ cel }) => digest(cel)))],
    ]),
  );
}

function main(): void {
  const lines = Object.entries(currentDigests()).map(
    ([role, digests]) => `  ${JSON.stringify(role)}: ${JSON.stringify(digests)}`,
  );
  writeFileSync(REVIEW_FILE, `{\n${lines.join(",\n")}\n}\n`);
  process.stdout.write(`${REVIEW_FILE} holds the digests of the CEL as it stands.\n`);
}

if (require.main === module)
  new Command("policies:review")
    .description(
      "Records the admission CEL as it stands as reviewed. To be run by whoever has read the change.",
    )
    .action(main)
    .parse();
