/**
 * Real agents: in the pods of a delegation's caller and callee runs the runtime that kagent itself runs, and a user's message to
 * the caller must come back with what only the callee could contribute. Then the same message where it must not.
 */
import { sleep } from "../../system/interrupt";
import { type Agent, subject, TOKEN_HEADER } from "../../topology/index";
import { type DelegationRun, isHeld, type RuntimeStep, type RuntimesReport } from "../report";
import { type RuntimeFiles, remoteAgent, toolName } from "../runtimes/derive";
import { type Delegation, delegationsToRun } from "../runtimes/objects";
import { Places, proxyUrl, type Sender } from "../runtimes/places";
import { controllerCalls, headersAt } from "../runtimes/record";
import { policyOf } from "./faults";
import type { World } from "./world";

/** A changed policy is in force by then. */
const SETTLED_WITHIN_MS = 20_000;

export async function runRuntimes(world: World): Promise<RuntimesReport> {
  const delegations = delegationsToRun(world.topology);
  const agents = new Set(delegations.flatMap(({ caller, callee }) => [caller, callee]));
  await world.stage.enforceNetwork(true);
  const places = await Places.take(world, [...agents]);
  try {
    const runs: DelegationRun[] = [];
    for (const delegation of delegations) {
      runs.push(await new Run(world, places, delegation).all());
      await places.stop();
    }
    return { versions: world.stage.parts.runtime?.versions ?? {}, delegations: runs };
  } finally {
    await places.leave();
  }
}

/** One delegation, from its first message to the last that must not arrive. */
class Run {
  private readonly steps: RuntimeStep[] = [];
  private readonly sender: Sender;

  constructor(
    private readonly world: World,
    private readonly places: Places,
    private readonly delegation: Delegation,
  ) {
    // Others are closed to the controller.
    this.sender = delegation.caller.settings.exposed ? "controller" : "own pod";
  }

  async all(): Promise<DelegationRun> {
    const { places } = this;
    const { caller, callee } = this.delegation;
    this.note("the runtimes start");
    const start = performance.now();
    await Promise.all([places.run(callee), places.run(caller)]);
    const secondsToStart = (performance.now() - start) / 1_000;
    await this.ask("as declared", true);
    const served = [...places.served];
    await this.tokens();
    await this.policy();
    await this.otherWay();
    return {
      caller: caller.id,
      callee: callee.id,
      sender: this.sender,
      secondsToStart,
      steps: this.steps,
      controllerCalls: controllerCalls(served, [caller, callee]),
      headersAtCallee: headersAt(served, callee),
    };
  }

  /** The caller's runtime with another token than the plan gives it, and then with its own again. */
  private async tokens(): Promise<void> {
    const { places } = this;
    const { tokens } = this.world;
    const { caller, callee } = this.delegation;
    for (const kind of ["none", "forged", "foreign audience"] as const) {
      const token = tokens.shown(kind, subject(caller), callee)?.value;
      await places.run(caller, withToken(places.filesOf(caller), callee, token));
      await this.ask(`with the token: ${kind}`, false);
    }
    await places.run(caller);
  }

  private async policy(): Promise<void> {
    const { api } = this.world.stage;
    const policy = policyOf(this.world, this.delegation, "AuthorizationPolicy");
    await api.remove(policy);
    await this.ask("with the callee's AuthorizationPolicy deleted", false, SETTLED_WITHIN_MS);
    await api.put(policy);
    await this.ask("with the policy restored", true, SETTLED_WITHIN_MS);
  }

  /** The callee's runtime with the caller as a tool, and with the token that the platform would sign for it. */
  private async otherWay(): Promise<void> {
    const { places } = this;
    const { topology, tokens } = this.world;
    const { caller, callee } = this.delegation;
    const token = tokens.shown("good", subject(callee), caller)?.value ?? "";
    const { config, ...rest } = places.filesOf(callee);
    const tool = remoteAgent(caller, "Undeclared.", { [TOKEN_HEADER]: token }, proxyUrl(topology));
    const remote_agents = [...(config.remote_agents ?? []), tool];
    await places.run(callee, { ...rest, config: { ...config, remote_agents } });
    await this.step("the other way round, which nobody declared", false, callee, caller, "own pod");
  }

  private ask(what: string, expected: boolean, withinMs?: number): Promise<void> {
    const { caller, callee } = this.delegation;
    return this.step(what, expected, caller, callee, this.sender, withinMs);
  }

  /** @param withinMs asked again for so long, until it is as expected; by default only once */
  private async step(
    what: string,
    expected: boolean,
    from: Agent,
    to: Agent,
    sender: Sender,
    withinMs = 0,
  ): Promise<void> {
    this.note(what);
    const deadline = Date.now() + withinMs;
    for (;;) {
      const step = { what, expected, ...(await this.once(from, to, sender)) };
      if (isHeld(step) || Date.now() > deadline) {
        this.steps.push(step);
        return;
      }
      await sleep(200);
    }
  }

  private async once(
    from: Agent,
    to: Agent,
    sender: Sender,
  ): Promise<Omit<RuntimeStep, "what" | "expected">> {
    const { places } = this;
    const before = places.asked.length;
    const start = performance.now();
    const { state, text } = await places.message(from, sender, `Ask ${toolName(to)}.`);
    const seconds = (performance.now() - start) / 1_000;
    const asked = places.asked.slice(before);
    return {
      arrived: text.includes(places.contributionOf(to)),
      tried: asked.some(({ agent, tool }) => agent === from.id && tool === toolName(to)),
      reached: asked.some(({ agent }) => agent === to.id),
      ...(state !== undefined && { state }),
      seen: text,
      seconds,
    };
  }

  private note(text: string): void {
    const { caller, callee } = this.delegation;
    this.world.note(`${caller.id} -> ${callee.id}: ${text}`);
  }
}

/** @param token undefined: none at all */
function withToken(files: RuntimeFiles, callee: Agent, token: string | undefined): RuntimeFiles {
  const { config, ...rest } = files;
  const remote_agents = (config.remote_agents ?? []).map((remote) => {
    if (remote.name !== toolName(callee)) return remote;
    const { [TOKEN_HEADER]: _own, ...headers } = remote.headers ?? {};
    return { ...remote, headers: { ...headers, ...(token !== undefined && { [TOKEN_HEADER]: token }) } };
  });
  return { ...rest, config: { ...config, remote_agents } };
}
