import * as assert from "node:assert/strict";
import { GOVERNED_SPEC_PATHS } from "../../../topology/governed";
import { asMap } from "../../../topology/loose";
import { AGENT_CASES } from "../../integration/stack/admission/agents";
import { type AdmissionCase, changed } from "../../integration/stack/admission/change";
import { devTopology, type Edit, ORCHESTRATOR, type Raw } from "../../support/dev";
import { sentencesOf } from "../../support/sentences";

const SPEC = 'agents["team-alpha/orchestrator"].spec';
const DEPLOYMENT = `${SPEC}.declarative.deployment`;

const withSpec =
  (spec: Raw): Edit =>
  (c) => {
    c.agents[ORCHESTRATOR].spec = spec;
  };
const withTools = (...tools: Raw[]): Edit => withSpec({ declarative: { tools } });
const withDeployment = (deployment: Raw): Edit => withSpec({ declarative: { deployment } });

/** Each place of an Agent that names a Secret, and how its path ends. */
const naming = (secret: string): { declarative: Raw; ends: string[] } => ({
  declarative: {
    tools: [
      {
        type: "McpServer",
        mcpServer: { name: "search" },
        headersFrom: [{ name: "X-Key", valueFrom: { type: "Secret", name: secret, key: "k" } }],
      },
    ],
    promptTemplate: {
      dataSources: [
        { kind: "ConfigMap", name: "texts" },
        { kind: "Secret", name: secret },
      ],
    },
    deployment: {
      env: [
        { name: "A", value: "1" },
        { name: "B", valueFrom: { secretKeyRef: { name: secret, key: "k" } } },
      ],
      envFrom: [{ configMapRef: { name: "settings" } }, { secretRef: { name: secret } }],
      imagePullSecrets: [{ name: secret }],
      volumes: [
        { name: "a", secret: { secretName: secret } },
        { name: "b", projected: { sources: [{ configMap: { name: "x" } }, { secret: { name: secret } }] } },
      ],
    },
  },
  ends: [
    "deployment.env[1].valueFrom.secretKeyRef.name",
    "deployment.envFrom[1].secretRef.name",
    "deployment.imagePullSecrets[0].name",
    "deployment.volumes[0].secret.secretName",
    "deployment.volumes[1].projected.sources[1].secret.name",
    "promptTemplate.dataSources[1].name",
    "tools[0].headersFrom[0].valueFrom.name",
  ],
});

describe("what an Agent's spec may not say is refused", () => {
  it("a field that is derived, with the key to use instead", () => {
    assert.deepEqual(
      sentencesOf(
        withSpec({
          allowedNamespaces: { from: "All" },
          declarative: {
            systemMessage: "x",
            systemMessageFrom: { type: "ConfigMap", name: "texts", key: "k" },
            deployment: { serviceAccountName: "admin", replicas: 3 },
          },
        }),
      ),
      [
        `${SPEC}.allowedNamespaces: is derived and cannot be set here. | Remove it; it follows from delegations.`,
        `${SPEC}.declarative.systemMessage: is derived and cannot be set here. | Use agents[].systemMessage.`,
        `${SPEC}.declarative.systemMessageFrom: is derived and cannot be set here. | Use agents[].systemMessage.`,
        `${DEPLOYMENT}.serviceAccountName: is derived and cannot be set here. | Remove it; each agent has a service account of its own.`,
        `${DEPLOYMENT}.replicas: is derived and cannot be set here. | Use agents[].replicas.`,
      ],
    );
  });

  it("an agent as a tool that is no delegation, with or without its type", () => {
    const agent = { name: "specialist", namespace: "team-beta" };
    const sentence =
      "an agent as a tool is a delegation. | Write it below delegations, so that every layer knows it.";
    assert.deepEqual(sentencesOf(withTools({ type: "Agent", agent }, { agent })), [
      `${SPEC}.declarative.tools[0]: ${sentence}`,
      `${SPEC}.declarative.tools[1]: ${sentence}`,
    ]);
  });

  it("tools that are no list", () => {
    assert.deepEqual(sentencesOf(withSpec({ declarative: { tools: "all" } })), [
      `${SPEC}.declarative.tools: must be a list. | Write the tools as a list, as in an Agent's spec.`,
    ]);
  });

  it("a tool that the CRD does not take", () => {
    const sentence =
      "is no tool that an Agent takes. | Write type: McpServer, and the server below mcpServer.";
    const mcpServer = { name: "search" };
    assert.deepEqual(sentencesOf(withTools({ mcpServer }, { type: "McpServer" }, { type: "X", mcpServer })), [
      `${SPEC}.declarative.tools[0]: ${sentence}`,
      `${SPEC}.declarative.tools[1]: ${sentence}`,
      `${SPEC}.declarative.tools[2]: ${sentence}`,
    ]);
  });

  it("an MCP server of another namespace, and its own may be named", () => {
    const inNamespace = (namespace: string) => ({
      type: "McpServer",
      mcpServer: { name: "search", namespace },
    });
    assert.deepEqual(sentencesOf(withTools(inNamespace("team-alpha"), inNamespace("team-beta"))), [
      `${SPEC}.declarative.tools[1].mcpServer.namespace: names namespace "team-beta", and a team's MCP servers are its own. | Remove it, and put the server into the team's namespace.`,
    ]);
  });

  it("a Secret that was not given to the agent, wherever an Agent can name one", () => {
    const { declarative, ends } = naming("found-somewhere");
    assert.deepEqual(
      sentencesOf(withSpec({ declarative })),
      ends.map(
        (end) =>
          `${SPEC}.declarative.${end}: names the Secret "found-somewhere", which was not given to the agent. | Add it to agents["team-alpha/orchestrator"].secrets, if the team itself put it there.`,
      ),
    );
  });

  it("but none that was", () => {
    const { declarative } = naming("search-credentials");
    const { agents } = devTopology((c) => {
      withSpec({ declarative })(c);
      c.agents[ORCHESTRATOR].secrets = ["search-credentials"];
    });
    assert.deepEqual(agents.find(({ id }) => id === ORCHESTRATOR)?.settings.spec, { declarative });
  });

  it("a volume of which the team would write the files itself, or a driver", () => {
    const volumes = [
      { name: "a", csi: { driver: "secrets" } },
      { name: "b", emptyDir: {} },
      { name: "c", projected: { sources: [{ configMap: { name: "x" } }, { downwardAPI: {} }] } },
    ];
    const sentence =
      "is nothing that a team may give to its agents as files. | Use configMap, emptyDir, persistentVolumeClaim, secret, or projected from configMap and secret; admission refuses others.";
    assert.deepEqual(sentencesOf(withDeployment({ volumes })), [
      `${DEPLOYMENT}.volumes[0].csi: ${sentence}`,
      `${DEPLOYMENT}.volumes[2].projected.sources[1].downwardAPI: ${sentence}`,
    ]);
  });

  it("a variable that the runtime takes code or addresses from", () => {
    const env = ["PYTHONPATH", "LOG_LEVEL", "KAGENT_URL"].map((name) => ({ name, value: "x" }));
    const envFrom = [{ prefix: "LD_", configMapRef: { name: "x" } }];
    const sentence =
      "would run code, or send users' tokens, as the team likes. | Remove it; admission refuses it in a tenant.";
    assert.deepEqual(sentencesOf(withDeployment({ env, envFrom })), [
      `${DEPLOYMENT}.env[0].name: ${sentence}`,
      `${DEPLOYMENT}.env[2].name: ${sentence}`,
      `${DEPLOYMENT}.envFrom[0].prefix: ${sentence}`,
    ]);
  });

  it("an image of the agent's own", () => {
    assert.deepEqual(sentencesOf(withDeployment({ imageRegistry: "registry.example.com" })), [
      `${DEPLOYMENT}.imageRegistry: is derived and cannot be set here. | Remove it; the image of all agents is platform.kagent.values: {controller: {agentImage: {registry}}}.`,
    ]);
  });

  it("a label or annotation that selects the agent's pods or steers their network", () => {
    const sentence =
      "selects the agent's pods or steers their network. | Remove it; admission refuses it in a tenant.";
    assert.deepEqual(
      sentencesOf(
        withDeployment({
          labels: { app: "other", istio: "a2a-gateway", "sidecar.istio.io/inject": "false", cost: "1" },
          annotations: {
            "traffic.sidecar.istio.io/excludeInboundPorts": "8080",
            app: "for people",
            "cni.projectcalico.org/podIP": "x",
          },
        }),
      ),
      [
        `${DEPLOYMENT}.labels.app: ${sentence}`,
        `${DEPLOYMENT}.labels.istio: ${sentence}`,
        `${DEPLOYMENT}.labels["sidecar.istio.io/inject"]: ${sentence}`,
        `${DEPLOYMENT}.annotations["traffic.sidecar.istio.io/excludeInboundPorts"]: ${sentence}`,
        `${DEPLOYMENT}.annotations["cni.projectcalico.org/podIP"]: ${sentence}`,
      ],
    );
  });
});

describe("a change of an Agent that configuration can express", () => {
  const TOOL = /^spec\.declarative\.tools\.[1-9]$/;
  /** As `agents[].spec`; undefined for what is not there to be written, such as the tool of a delegation. */
  function expressed({ change }: AdmissionCase): Raw {
    const entries = Object.entries(change).filter(([, value]) => value !== undefined);
    if (entries.length === 0 || entries.some(([path]) => path.startsWith("spec.declarative.tools.0")))
      return undefined;
    return changed(
      {},
      Object.fromEntries(
        entries.map(([path, value]) => [
          path.replace(TOOL, "spec.declarative.tools"),
          TOOL.test(path) ? [value] : value,
        ]),
      ),
    );
  }

  for (const one of AGENT_CASES) {
    const agent = expressed(one);
    if (agent === undefined) continue;
    const edit: Edit = (c) => {
      c.agents[ORCHESTRATOR] = {
        ...c.agents[ORCHESTRATOR],
        spec: agent.spec,
        secrets: ["search-credentials"],
      };
    };
    if (one.refused !== undefined)
      it(`is refused as admission refuses it: ${one.title}`, () => {
        assert.ok(sentencesOf(edit).every((sentence) => sentence.startsWith(SPEC)));
      });
    else
      it(`passes as admission lets it pass, unless it is derived: ${one.title}`, () => {
        const isDerived = GOVERNED_SPEC_PATHS.some(
          ({ path }) => path.reduce<unknown>((at, step) => asMap(at)[step], agent.spec) !== undefined,
        );
        if (isDerived)
          assert.match(sentencesOf(edit).join(), /^[^|]*is derived and cannot be set here\.[^|]*\|[^|]*$/);
        else devTopology(edit);
      });
  }
});
