/**
 * The token check where no pod runs: the caller's own token, and wrong ones, at a real Envoy that is configured from the policies on
 * the cluster, the gateway's and then the callee's. Who sends is told and not proved, because that needs mutual TLS.
 */
import { UserError } from "../../system/errors";
import {
  agentPrincipal,
  type Delegation,
  gatewayPrincipal,
  istio,
  kagent,
  TOKEN_HEADER,
  TOKEN_ISSUER,
} from "../../topology/index";
import { about, type Check, type Context, type Finding, fail, notAnswerable } from "../checks/check";
import { delegationFindings } from "../checks/routing";
import { NoAnswer } from "../live/api";
import type { Executor, HttpProbe, Outcome, Place } from "../probes/probe";
import { covering } from "../static/istio";
import type { Doc } from "../static/objects";
import { Envoy } from "./envoy";
import { type Gate, gateOf, PRINCIPAL_HEADER } from "./gate";

/** An Envoy on this machine, or the reason why there is none. */
export type LocalEnvoy = { readonly path: string } | { readonly missing: string };

/** So many delegations show what Envoy makes of the policies; the signatures of all are checked elsewhere. */
const MOST = 10;
const UNAUTHORIZED = 401;
const ANSWERED = 200;
/** Nothing is asked in a pod. */
const HERE: Place = { namespace: "", pod: "", container: "" };

/** What stands before one workload; undefined where nothing asks for a token. */
function gateAt(
  context: Context,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): Gate | undefined {
  const { objects } = context.live;
  const authentication = covering(objects, "RequestAuthentication", { namespace, labels }).find(({ spec }) =>
    (spec.jwtRules ?? []).some(({ issuer }: Doc) => issuer === TOKEN_ISSUER),
  );
  if (authentication === undefined) return undefined;
  const policies = covering(objects, "AuthorizationPolicy", { namespace, labels }).filter(
    ({ spec }) => (spec?.action ?? "ALLOW") === "ALLOW",
  );
  const rule = authentication.spec.jwtRules.find(({ issuer }: Doc) => issuer === TOKEN_ISSUER);
  return gateOf(authentication, policies, rule.jwks);
}

/** A gate on the way, and who sends to it. */
interface Hop {
  readonly gate: string;
  readonly principal: string;
}

/** Sends each request through the gates that stand on the way; past the gateway nothing is there to be reached. */
class EnvoyExecutor implements Executor {
  constructor(
    readonly envoy: Envoy<string>,
    readonly way: readonly Hop[],
    /** Of the callee, in whose place Envoy answers. */
    readonly card: string,
  ) {}

  async run(_place: Place, _command: readonly string[], input: string): Promise<string> {
    const { url, headers } = JSON.parse(input) as HttpProbe;
    const isGateway = url.startsWith(`http://${istio.GATEWAY_NAME}.`);
    if (this.way.length > 1 && !isGateway)
      return JSON.stringify({ unreachable: "nothing runs here" } satisfies Outcome);
    const { [TOKEN_HEADER]: token, ...rest } = headers;
    let carried = token;
    let status = UNAUTHORIZED;
    for (const { gate, principal } of this.way) {
      const answer = await this.envoy.ask(gate, {
        ...rest,
        [PRINCIPAL_HEADER]: principal,
        ...(carried !== undefined && { [TOKEN_HEADER]: carried }),
      });
      status = answer.status;
      if (status !== ANSWERED) break;
      carried = answer.seen === "" || answer.seen === "-" ? undefined : answer.seen;
    }
    return JSON.stringify({ status, body: JSON.stringify({ name: this.card }) } satisfies Outcome);
  }
}

async function findings(context: Context, path: string): Promise<Finding[]> {
  const { routing, delegations, cluster } = context.topology;
  const gateway = gatewayPrincipal(cluster.trustDomain);
  const gates: Record<string, Gate> = {};
  const found: Finding[] = [];
  const ways: [Delegation, Hop[]][] = [];
  const add = (name: string, namespace: string, labels: Readonly<Record<string, string>>): boolean => {
    const gate = gates[name] ?? gateAt(context, namespace, labels);
    if (gate === undefined) return false;
    gates[name] = gate;
    return true;
  };
  for (const delegation of delegations.slice(0, MOST)) {
    const { caller, callee } = delegation;
    const sender = agentPrincipal(caller, cluster.trustDomain);
    const isComplete =
      add(callee.id, callee.tenant, kagent.runningAgentLabels(callee.name)) &&
      (routing === "direct" || add(istio.GATEWAY_NAME, istio.GATEWAY_NAMESPACE, istio.GATEWAY_LABELS));
    const way: Hop[] =
      routing === "gateway"
        ? [
            { gate: istio.GATEWAY_NAME, principal: sender },
            { gate: callee.id, principal: gateway },
          ]
        : [{ gate: callee.id, principal: sender }];
    if (isComplete) ways.push([delegation, way]);
    else found.push(fail(delegation.id, "no RequestAuthentication on the way checks its token"));
  }
  if (ways.length === 0) return found;
  const envoy = await Envoy.start(path, gates);
  try {
    for (const [delegation, way] of ways) {
      const executor = new EnvoyExecutor(envoy, way, kagent.cardName(delegation.callee.name));
      // No token leaves this machine, so any other may be tried.
      const all = await about(delegation.id, () =>
        delegationFindings(executor, context, delegation, HERE, () => true),
      );
      // Only what Envoy decided: that nothing answers past the gateway says nothing where nothing runs.
      found.push(...all.filter(({ subject }) => !subject.endsWith("past the gateway")));
    }
  } finally {
    await envoy.stop();
  }
  return found;
}

/** What Envoy does not take as configuration, it would not take in the mesh either. */
async function attempted(context: Context, path: string): Promise<Finding[]> {
  try {
    return await findings(context, path);
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UserError || error instanceof NoAnswer) throw error;
    return [fail("Envoy", `the policies in force cannot be put before it: ${error.message.split("\n")[0]}`)];
  }
}

export function envoyCheck(local: LocalEnvoy): Check {
  return {
    layer: "token",
    title: "a real Envoy takes the caller's token by the policies in force, and refuses wrong ones",
    run: async (context) =>
      "missing" in local
        ? [notAnswerable("Envoy", local.missing)]
        : (await attempted(context, local.path)).map((finding) => ({ ...finding, layer: "token" as const })),
  };
}
