/** `docs/policies.md`, generated from the rules: `npm run docs`. */
import { join } from "node:path";
import { RULE_LAYERS, type Rule } from "./framework/rule";
import { RULES } from "./rules/index";

export const POLICIES_FILE = join(__dirname, "..", "docs", "policies.md");

const TITLES: Readonly<Record<string, string>> = {
  "pod-security": "Pod security",
  rbac: "RBAC",
  secrets: "Secrets",
  admission: "Admission",
  reconciler: "Reconciler",
  network: "Network",
  identity: "Identity",
  token: "Token",
  audit: "Audit",
  "supply-chain": "Supply chain",
};

const entry = ({ name, severity, description, why, remediation, readsAtUp }: Rule): string[] => [
  `### ${name}`,
  "",
  `${description} Severity: ${severity}.`,
  "",
  `*Why:* ${why}`,
  "",
  ...(readsAtUp === undefined
    ? []
    : [
        "Reads values that only the engine knows: a preview of something new says “checked at up”, and `up` refuses it before it is created.",
        "",
      ]),
  "*To mend it:*",
  "",
  "```text",
  ...remediation,
  "```",
  "",
];

export function policiesPage(): string {
  const lines = [
    "# Policies",
    "",
    "Generated from `policy-pack/rules` by `npm run docs`; do not edit.",
    "",
    `The pack refuses a deployment whose resources contradict one of its ${RULES.length} rules. All are mandatory. They work from the`,
    "resources alone, whoever wrote them: a program's plan, the engine's resources, or a folder of YAML.",
    "",
    "| layer | rules |",
    "|---|---|",
    ...RULE_LAYERS.map((layer) => {
      const links = RULES.filter((rule) => rule.layer === layer).map(
        ({ name }) => `[${name.slice(layer.length + 1)}](#${name})`,
      );
      return `| ${TITLES[layer]} | ${links.join(", ")} |`;
    }),
    "",
    "## exemptions",
    "",
    "What must be let through for a while stands in `policy-pack/config.json`, with a reason and a last day. It is printed on every",
    "run, and ends by itself. The resource is named as findings name it.",
    "",
    "```json",
    '{"exemptions": {"exemptions": [{',
    '  "rule": "network-service-entries",',
    '  "resource": "ServiceEntry team-alpha/model-gpt",',
    '  "reason": "the endpoint speaks plain HTTP until its certificate is renewed",',
    '  "until": "2027-01-31"',
    "}]}}",
    "```",
    "",
    "Where a stack has objects of several API groups that are called the same, such as a Gateway of Istio and one of the Gateway API, the",
    'exemption says which it means: `"group": "networking.istio.io"`, or `""` for the core group. Without it, it exempts neither.',
    "",
    "What cannot be understood (a rule that does not exist, a date that is none) refuses the deployment.",
    "",
    "## notices",
    "",
    "An advisory policy that tells what was exempted, and which values a preview cannot know and leaves to `up`.",
    "",
    ...RULE_LAYERS.flatMap((layer) => [
      `## ${TITLES[layer]}`,
      "",
      ...RULES.filter((rule) => rule.layer === layer).flatMap(entry),
    ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
