/**
 * kagent.dev/v1alpha2 AgentHarness.
 * Source: kagent 0.10, go/api/config/crd/bases/kagent.dev_agentharnesses.yaml.
 */
import { substrate } from "./agent";
import { conditionColumn, definition } from "./crd";
import { env } from "./pod";
import { flag, list, object, oneOf, required, rules, text } from "./schema";
import { credential, status, valueSource } from "./shared";

const many = list(text(), { maxItems: 1024 });

const users = { allowedUserIDs: many, allowedUserIDsFrom: valueSource };
const oneSourceOfUsers = rules([
  "allowedUserIDs and allowedUserIDsFrom are mutually exclusive",
  "!(size(self.allowedUserIDs) > 0 && has(self.allowedUserIDsFrom))",
]);

const slack = object(
  {
    appToken: credential,
    botToken: credential,
    hermes: object({ ...users, homeChannel: text(), homeChannelName: text() }, oneSourceOfUsers),
    openclaw: object(
      {
        allowlistChannels: many,
        channelAccess: oneOf("allowlist", "open", "disabled"),
        interactiveReplies: flag({ default: true }),
      },
      rules([
        "allowlistChannels is required when channelAccess is allowlist",
        "!has(self.channelAccess) || self.channelAccess != 'allowlist' || (has(self.allowlistChannels) && size(self.allowlistChannels) > 0)",
      ]),
    ),
  },
  required("appToken", "botToken"),
);

const channel = object(
  {
    name: text({ minLength: 1 }),
    slack,
    telegram: object({ ...users, botToken: credential }, { ...required("botToken"), ...oneSourceOfUsers }),
    type: oneOf("telegram", "slack"),
  },
  {
    ...required("name", "type"),
    ...rules([
      "exactly one of telegram or slack must be set and must match type",
      "(self.type == 'telegram' && has(self.telegram) && !has(self.slack)) || (self.type == 'slack' && has(self.slack) && !has(self.telegram))",
    ]),
  },
);

const specification = object(
  {
    backend: oneOf("openclaw", "hermes"),
    channels: list(channel, { maxItems: 1024 }),
    description: text(),
    env,
    image: text(),
    modelConfigRef: text(),
    substrate: object({ ...substrate, workloadImage: text() }),
  },
  {
    ...required("backend", "substrate"),
    ...rules(
      [
        "slack backend-specific settings must match spec.backend",
        "!has(self.channels) || self.channels.all(c, c.type != 'slack' || (has(c.slack) && ((self.backend == 'hermes' && has(c.slack.hermes) && !has(c.slack.openclaw)) || (self.backend == 'openclaw' && has(c.slack.openclaw) && !has(c.slack.hermes)))))",
      ],
      ["spec.substrate is required", "has(self.substrate)"],
    ),
  },
);

export const agentHarness = definition({
  group: "kagent.dev",
  kind: "AgentHarness",
  plural: "agentharnesses",
  shortNames: ["ahr"],
  categories: ["kagent"],
  versions: [
    {
      name: "v1alpha2",
      spec: specification,
      status: status({
        backendRef: object({ backend: oneOf("openclaw", "hermes"), id: text() }, required("backend", "id")),
        connection: object({ endpoint: text() }),
      }),
      columns: [
        { name: "Backend", jsonPath: ".spec.backend" },
        conditionColumn("Ready"),
        { name: "ID", jsonPath: ".status.backendRef.id" },
        { name: "Age", jsonPath: ".metadata.creationTimestamp", type: "date" },
      ],
    },
  ],
});
