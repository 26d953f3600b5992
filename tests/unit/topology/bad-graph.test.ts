import * as assert from "node:assert/strict";
import {
  addAgent,
  devConfiguration,
  type Edit,
  ORCHESTRATOR,
  problemsOf,
  SPECIALIST,
} from "../../support/dev";

const sentencesOf = (...edits: Edit[]): string[] =>
  problemsOf(
    devConfiguration((c) => {
      for (const edit of edits) edit(c);
    }),
  ).map(({ where, what, fix }) => `${where}: ${what} | ${fix}`);
const delegate =
  (...pairs: (readonly [from: string, to: string])[]): Edit =>
  (c) => {
    c.delegations.push(...pairs.map(([from, to]) => ({ from, to })));
  };
const USE = `Add it, or use one of: ${ORCHESTRATOR}, ${SPECIALIST}.`;

describe("a delegation that cannot be is refused", () => {
  it("to an unknown agent", () => {
    assert.deepEqual(sentencesOf(delegate([ORCHESTRATOR, "team-beta/nobody"])), [
      `delegations[1].to: there is no agent "team-beta/nobody". | ${USE}`,
    ]);
  });

  it("from an unknown tenant", () => {
    assert.deepEqual(sentencesOf(delegate(["team-gamma/x", SPECIALIST])), [
      `delegations[1].from: there is no tenant "team-gamma", so no agent "team-gamma/x". | ${USE}`,
    ]);
  });

  it("to something that names no agent", () => {
    assert.deepEqual(sentencesOf(delegate([ORCHESTRATOR, "specialist"])), [
      'delegations[1].to: "specialist" must name an agent as <tenant>/<agent>. | The callee, `<tenant>/<agent>`.',
    ]);
  });

  it("to itself", () => {
    assert.deepEqual(sentencesOf(delegate([SPECIALIST, SPECIALIST])), [
      "delegations[1]: team-beta/specialist delegates to itself. | Remove the delegation.",
    ]);
  });

  it("twice", () => {
    assert.deepEqual(sentencesOf(delegate([ORCHESTRATOR, SPECIALIST])), [
      "delegations[1]: team-alpha/orchestrator -> team-beta/specialist is already declared as delegations[0]. | Remove one of the two.",
    ]);
  });
});

describe("a graph that kagent would not run is refused", () => {
  const cycle = (text: string) =>
    `delegations: there is a cycle: ${text}. kagent refuses agents that are tools of each other. | Remove one of these delegations.`;

  it("with a cycle", () => {
    assert.deepEqual(
      sentencesOf(
        addAgent("team-beta/b"),
        delegate([SPECIALIST, "team-beta/b"], ["team-beta/b", ORCHESTRATOR]),
      ),
      [cycle(`${ORCHESTRATOR} -> ${SPECIALIST} -> team-beta/b -> ${ORCHESTRATOR}`)],
    );
  });

  it("with two cycles, both named", () => {
    const pairs: [string, string][] = [
      ["team-beta/a", "team-beta/b"],
      ["team-beta/b", "team-beta/a"],
      ["team-beta/c", "team-beta/d"],
      ["team-beta/d", "team-beta/c"],
    ];
    assert.deepEqual(
      sentencesOf(addAgent("team-beta/a", "team-beta/b", "team-beta/c", "team-beta/d"), delegate(...pairs)),
      [
        cycle("team-beta/a -> team-beta/b -> team-beta/a"),
        cycle("team-beta/c -> team-beta/d -> team-beta/c"),
      ],
    );
  });

  /** A chain that begins at the orchestrator: 1 delegation is there already. */
  const chain = (delegations: number): Edit[] => {
    const ids = [SPECIALIST, ...Array.from({ length: delegations - 1 }, (_, index) => `team-beta/s${index}`)];
    return [
      addAgent(...ids.slice(1)),
      delegate(...ids.slice(1).map((to, index) => [ids[index] ?? "", to] as const)),
    ];
  };

  it("with a chain of 11 delegations, and 10 are accepted", () => {
    const [sentence, ...more] = sentencesOf(...chain(11));
    assert.deepEqual(more, []);
    assert.match(
      sentence ?? "",
      /^delegations: the chain team-alpha\/orchestrator -> team-beta\/specialist -> .* -> team-beta\/s9 has 11 delegations; kagent follows 10\. \| Let an agent early in the chain call a later one directly\.$/,
    );
    assert.throws(() => sentencesOf(...chain(10)), /was accepted/);
  });

  const fanOut = (callees: number): Edit[] => {
    const ids = Array.from({ length: callees - 1 }, (_, index) => `team-beta/f${index}`);
    return [addAgent(...ids), delegate(...ids.map((to) => [ORCHESTRATOR, to] as const))];
  };

  it("with 21 tools, and 20 are accepted", () => {
    assert.deepEqual(sentencesOf(...fanOut(21)), [
      'agents["team-alpha/orchestrator"]: has 21 tools (21 of them delegations); an Agent may have 20. | Split the agent, or delegate through an agent that knows the specialists.',
    ]);
    assert.throws(() => sentencesOf(...fanOut(20)), /was accepted/);
  });

  it("with 21 tools of which only some, or none, are delegations", () => {
    const servers = (count: number) => ({
      declarative: {
        tools: Array.from({ length: count }, () => ({ type: "McpServer", mcpServer: { name: "x" } })),
      },
    });
    const tuned: Edit = (c) => {
      c.agents[ORCHESTRATOR].spec = servers(20);
      c.agents[SPECIALIST].spec = servers(21);
    };
    assert.deepEqual(
      sentencesOf(tuned).map((sentence) => sentence.split(";")[0]),
      [
        'agents["team-alpha/orchestrator"]: has 21 tools (1 of them delegations)',
        'agents["team-beta/specialist"]: has 21 tools (0 of them delegations)',
      ],
    );
  });
});

describe("a model that is not there is refused", () => {
  it("whatever it is called", () => {
    for (const name of ["claude", "constructor", "toString"])
      assert.deepEqual(
        sentencesOf((c) => {
          c.agents[SPECIALIST].model = name;
        }),
        [
          `agents["team-beta/specialist"].model: there is no model "${name}". | Define it below models, or use one of: gpt.`,
        ],
      );
  });
});

describe("an agent of a tenant that is not there is refused", () => {
  it("whatever it is called", () => {
    for (const tenant of ["team-gamma", "constructor"])
      assert.deepEqual(sentencesOf(addAgent(`${tenant}/x`)), [
        `agents["${tenant}/x"]: there is no tenant "${tenant}". | Add it below tenants, or use one of: team-alpha, team-beta.`,
      ]);
  });
});
