import * as assert from "node:assert/strict";
import { DEFAULT_QUOTA } from "../../../topology/defaults";
import { configurationSchema } from "../../../topology/schema";
import {
  addAgent,
  devConfiguration,
  type Edit,
  ORCHESTRATOR,
  problemsOf,
  SPECIALIST,
} from "../../support/dev";

/** What is wrong, how it is written, and the exact sentence: `where: what | fix`. */
type Case = readonly [name: string, edit: Edit, ...sentences: string[]];

const sentencesOf = (edit: Edit): string[] =>
  problemsOf(devConfiguration(edit)).map(({ where, what, fix }) => `${where}: ${what} | ${fix}`);

function refuses(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const [name, edit, ...sentences] of cases)
      it(name, () => assert.deepEqual(sentencesOf(edit), sentences));
  });
}

const LETTERS =
  "Use lower-case letters, digits and hyphens; begin with a letter, end with a letter or digit.";

const ENDPOINTS = "Endpoints of the API server (`kubectl get endpointslices -n default`).";
const QUOTA = `Entries of the ResourceQuota, merged over ${JSON.stringify(DEFAULT_QUOTA)}.`;

refuses("a configuration of the wrong shape is refused", [
  [
    "with an unknown key at the top",
    (c) => {
      c.agentz = {};
    },
    `agentz: there is no such key. | Remove it or correct its spelling; the keys here are ${Object.keys(configurationSchema.shape).sort().join(", ")}.`,
  ],
  [
    "with an unknown key inside",
    (c) => {
      c.tenants["team-alpha"].edtors = [];
    },
    "tenants.team-alpha.edtors: there is no such key. | Remove it or correct its spelling; the keys here are editors, labels, limits, quota, viewers.",
  ],
  [
    "with a text where a list belongs",
    (c) => {
      c.delegations = "all";
    },
    "delegations: must be a list, but is a text. | Who may delegate to whom. Nothing else may.",
  ],
  [
    "with a text where a number belongs",
    (c) => {
      c.cluster.apiServer.port = "https";
    },
    "cluster.apiServer.port: must be a whole number, but is a text. | Port of those endpoints.",
  ],
  [
    "with a fraction where a whole number belongs",
    (c) => {
      c.cluster.apiServer.port = 1.5;
    },
    "cluster.apiServer.port: must be a whole number, but is a fraction. | Port of those endpoints.",
  ],
  [
    "with a port that does not exist",
    (c) => {
      c.cluster.apiServer.port = 70000;
    },
    "cluster.apiServer.port: is more than 65535. | Port of those endpoints.",
  ],
  [
    "without what is needed",
    (c) => {
      delete c.agents[SPECIALIST].description;
    },
    'agents["team-beta/specialist"].description: is missing. | Add a text: One line that callers and users see.',
  ],
  [
    "with a routing that does not exist",
    (c) => {
      c.routing = "mesh";
    },
    "routing: has a value that is not known here. | Write one of: gateway, direct.",
  ],
  [
    "with a malformed CIDR",
    (c) => {
      c.cluster.apiServer.cidrs = ["10.0.0.0/33", "10.0.0.0", "10.0.0/8", "::/129", "0.0.0.0/00"];
    },
    ...["10.0.0.0/33", "10.0.0.0", "10.0.0/8", "::/129", "0.0.0.0/00"].map(
      (cidr, index) =>
        `cluster.apiServer.cidrs[${index}]: "${cidr}" is not a CIDR such as 10.0.0.0/16 or fd00::/48. | ${ENDPOINTS}`,
    ),
  ],
  [
    "with a quantity that Kubernetes would refuse",
    (c) => {
      c.tenants["team-alpha"].quota = { pods: "lots" };
    },
    `tenants.team-alpha.quota.pods: "lots" must be a quantity such as 500m, 2 or 4Gi. | ${QUOTA}`,
  ],
  [
    "with a label value that Kubernetes would refuse",
    (c) => {
      c.tenants["team-alpha"].labels = { cost: "1 €" };
    },
    'tenants.team-alpha.labels.cost: "1 €" must be a label value: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. | More labels for the namespace; none that governs.',
  ],
  ...["1.0.0", "1.2.3", "0.9.8", "v0.10.4", "latest", ">=0.10.0", "0.10.5-rc.1"].map(
    (version): Case => [
      `with kagent ${version}`,
      (c) => {
        c.kagent = { version };
      },
      `kagent.version: "${version}" must be an exact version in >=0.10.0 <1.0.0: later lines have no Agent that could be governed. | Exact version of kagent, in >=0.10.0 <1.0.0.`,
    ],
  ),
]);

refuses("a topology that is empty is refused", [
  [
    "without tenants",
    (c) => {
      c.tenants = {};
      c.agents = {};
      c.delegations = [];
    },
    "tenants: the topology is empty: there is no tenant. | Add at least one team, for example `team-alpha: {}`, and an agent for it.",
    "agents: the topology is empty: there is no agent. | Add at least one, keyed `<tenant>/<agent>`.",
  ],
  [
    "without any other key",
    (c) => {
      for (const key of Object.keys(c)) if (key !== "environment") delete c[key];
    },
    "tenants: is missing. | Add a map: The teams, keyed by name.",
    "agents: is missing. | Add a map: The agents, keyed `<tenant>/<agent>`.",
    "models: is missing. | Add a map: The models, keyed by name.",
    "cluster: is missing. | Add a map: Facts about the cluster that cannot be derived.",
  ],
]);

const RESERVED =
  "Choose another name; reserved are cert-manager, default, external-secrets, gatekeeper-system, istio-*, kagent, kube-*, openshift*, vault.";
const tenantNamed =
  (name: string): Edit =>
  (c) => {
    c.tenants[name] = {};
  };

refuses("a name that cannot be used is refused", [
  ...["Team", "1team", "team-", "te_am", "te.am"].map(
    (name): Case => [
      `tenant ${name}`,
      tenantNamed(name),
      `tenants${/^[A-Za-z][\w-]*$/.test(name) ? `.${name}` : `["${name}"]`}: "${name}" is no name for a tenant. | ${LETTERS}`,
    ],
  ),
  [
    "a tenant longer than a label",
    tenantNamed("t".repeat(64)),
    `tenants.${"t".repeat(64)}: the name has 64 characters; a tenant may have 63, because names derived from it must fit a label. | Shorten it by 1.`,
  ],
  [
    "an agent too long for what is added to it",
    addAgent(`team-beta/${"a".repeat(53)}`),
    `agents["team-beta/${"a".repeat(53)}"]: the name has 53 characters; an agent may have 52, because names derived from it must fit a label. | Shorten it by 1.`,
  ],
  [
    "a model too long for what is added to it",
    (c) => {
      c.models["m".repeat(56)] = c.models.gpt;
    },
    `models.${"m".repeat(56)}: the name has 56 characters; a model may have 55, because names derived from it must fit a label. | Shorten it by 1.`,
  ],
  [
    "an agent without a tenant",
    addAgent("lonely"),
    "agents.lonely: the key names no tenant. | Write it as <tenant>/lonely.",
  ],
  [
    "an agent with two slashes",
    addAgent("team-beta/a/b"),
    `agents["team-beta/a/b"]: "a/b" is no name for an agent. | ${LETTERS}`,
  ],
  ...["kagent", "kube-system", "kube-public", "istio-system", "default", "gatekeeper-system"].map(
    (name): Case => [
      `the reserved namespace ${name}`,
      tenantNamed(name),
      `tenants.${name}: "${name}" is reserved for Kubernetes or the platform. | ${RESERVED}`,
    ],
  ),
]);

const collision = (agent: string, owner: string): Case => [
  `agent ${agent}, which has the name of ${owner}`,
  addAgent(agent),
  `agents["${agent}"]: kagent gives its objects the agent's name, and ${owner} already has it. | Rename the agent.`,
];

refuses("an agent that collides with an object of another is refused", [
  collision("team-beta/specialist-sa", "the service account of team-beta/specialist"),
  collision("team-beta/specialist-a2a-tokens", "the token Secret of team-beta/specialist"),
  collision("team-beta/gpt-api-key", "the API key Secret of model gpt"),
  collision("team-beta/default", "the namespace's default service account"),
  [
    "an agent that asks for another's credentials",
    (c) => {
      c.agents[ORCHESTRATOR].secrets = ["orchestrator-a2a-tokens"];
    },
    'agents["team-alpha/orchestrator"].secrets[0]: the Secret "orchestrator-a2a-tokens" holds another object\'s credentials. | Name only Secrets that the team itself put there; tokens and API keys are given by the program.',
  ],
]);

refuses("a model without what its provider needs is refused", [
  [
    "each key that is missing",
    (c) => {
      const parameters = { apiVersion: "1" };
      c.models.gpt = { ...c.models.gpt, provider: "AzureOpenAI", parameters };
    },
    "models.gpt.parameters.azureEndpoint: is missing; AzureOpenAI needs it. | Add it as in the block azureOpenAI of a kagent ModelConfig.",
  ],
]);

refuses("a model that takes its endpoint from elsewhere is refused", [
  [
    "beside the endpoint that is demanded",
    (c) => {
      const parameters = { deployment: "gpt", endpoint: "https://example.com", endpointFrom: { name: "x" } };
      c.models.gpt = { ...c.models.gpt, provider: "Foundry", parameters };
    },
    "models.gpt.parameters.endpointFrom: takes the endpoint from an object that nobody reviews, and admission refuses it in a tenant. | Remove it, and write endpoint.",
  ],
]);

refuses("a rotation without two generations is refused", [
  [
    "previous equal to current, in whatever spelling",
    (c) => {
      c.rotation = { current: 2, previous: "2" };
    },
    'rotation.previous: is the same generation as rotation.current ("2"). | Give current a new name, or remove previous when the overlap is over.',
  ],
  [
    "previous equal to the default",
    (c) => {
      c.rotation = { previous: "1" };
    },
    'rotation.previous: is the same generation as rotation.current ("1"). | Give current a new name, or remove previous when the overlap is over.',
  ],
  [
    "a generation that is no name",
    (c) => {
      c.rotation = { current: "Spring 26" };
    },
    'rotation.current: "Spring 26" must be 1 to 16 lower-case letters or digits. | Key generation that signs.',
  ],
]);
