/** Every question, with the layers of each mode in force. */
import { type Cell, differences } from "../matrix";
import { isDecided } from "../predict";
import { MODES, type Question } from "../questions";
import type { Answered, MatrixReport } from "../report";
import { evaluatorsOf, graphOf, type World } from "./world";

export async function runMatrix(world: World): Promise<MatrixReport[]> {
  const [graph, evaluators] = [graphOf(world), evaluatorsOf(world)];
  const reports: MatrixReport[] = [];
  for (const mode of MODES) {
    world.note(`asking every question, decided by ${mode === "all" ? "all layers" : `the ${mode}`}`);
    const start = performance.now();
    const cells = await world.matrix.askTwice(mode);
    reports.push({
      mode,
      answers: cells.map((cell) => answeredOf(world, cell)),
      fromGraph: differences(cells, graph),
      fromEvaluators: differences(cells, evaluators),
      seconds: (performance.now() - start) / 1_000,
    });
  }
  return reports;
}

function answeredOf({ topology }: World, { question, mode, answer: { passed, seen } }: Cell): Answered {
  const { kind, from } = question;
  return {
    mode,
    kind,
    from: from.id,
    what: whatOf(question),
    ...(question.kind === "call" && { token: question.token }),
    passed,
    seen,
    isDecided: isDecided(topology, question, mode),
  };
}

function whatOf(question: Question): string {
  const { to, port } = question;
  switch (question.kind) {
    case "connection":
      return `${to.id}:${port}`;
    case "call":
      return `${question.callee.id} ${question.way === "gateway" ? "through the gateway" : "directly"}`;
    case "api":
      return `${to.id}:${port}${question.path}`;
    case "egress":
      return `${to.id} as ${question.host}:${port}`;
  }
}
