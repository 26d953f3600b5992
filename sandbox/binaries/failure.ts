import { UserError } from "../../system/errors";
import { requiredGo } from "./build";
import { type BinaryName, entryOf } from "./catalogue";
import type { Platform } from "./platform";

/** What was tried for a binary, in order, and why it did not work. */
export type Attempts = [way: string, why: string][];

/** The error when binaries cannot be had from anywhere: all that was tried, and every way out. */
export function nothingWorked(
  failures: ReadonlyMap<BinaryName, Attempts>,
  platform: Platform,
  env: NodeJS.ProcessEnv,
): UserError {
  const entries = [...failures.keys()].map(entryOf);
  const go = entries
    .flatMap((entry) => (entry.build ? [requiredGo(entry.build)] : []))
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .at(-1);
  const publishers = [...new Set(entries.map((entry) => entry.publisher))];
  return new UserError(
    `Cannot get ${[...failures.keys()].join(", ")} for ${platform.os}/${platform.arch}. What was tried:`,
    ...[...failures].flatMap(([name, attempts]) => [
      `  ${name} ${entryOf(name).version}`,
      ...attempts.map(([way, why]) => `    ${way}: ${why}`),
    ]),
    "Any one of these helps:",
    `  install Go ${go} or newer, so that they are built from source`,
    `  let this machine reach ${[...new Set(publishers.map(({ base }) => new URL(base).host))].join(" and ")}`,
    ...(env.HTTPS_PROXY || env.https_proxy
      ? [
          "  set NODE_USE_ENV_PROXY=1: Node 24 (22 from 22.21) then uses your HTTPS_PROXY, and older ones never do",
        ]
      : []),
    `  name mirrors of them in ${publishers.map(({ mirrorVariable }) => mirrorVariable).join(", ")}`,
    `  name binaries you have in ${entries.map(({ variable }) => variable).join(", ")}`,
  );
}
