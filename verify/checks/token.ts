/** The tokens that callers hold are signed by the keys that callees and the gateway take, and no other key is taken. */
import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import {
  audience,
  type Delegation,
  istio,
  kagent,
  keyId,
  subject,
  TOKEN_HEADER,
  TOKEN_ISSUER,
  type Topology,
  tokenClaims,
} from "../../topology/index";
import { type Executor, type Place, runPython } from "../probes/probe";
import type { Doc } from "../static/objects";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { nameOf } from "./drift";
import { type HeldToken, heldToken } from "./held-token";
import { agentPodOf, answerable, executorOf, noPod } from "./pods";

function isSignedBy({ header, signed, signature }: HeldToken, keys: readonly Doc[]): boolean {
  return keys
    .filter(({ kid }) => kid === header.kid)
    .some((key) => {
      try {
        return verifySignature(null, Buffer.from(signed), createPublicKey({ key, format: "jwk" }), signature);
      } catch {
        return false;
      }
    });
}

/** Public keys that a RequestAuthentication takes for our issuer. */
function keysOf(policy: Doc): readonly Doc[] {
  const rules: Doc[] = policy.spec?.jwtRules ?? [];
  return rules.filter(({ issuer }) => issuer === TOKEN_ISSUER).flatMap(({ jwks }) => parsedKeys(jwks));
}

function parsedKeys(jwks: string | undefined): readonly Doc[] {
  try {
    return JSON.parse(jwks ?? "{}").keys ?? [];
  } catch {
    return [];
  }
}

/** What tells a key from another one. */
const identity = (keys: readonly Doc[]): string =>
  JSON.stringify(keys.map(({ kid, x }) => [kid, x]).sort(([a], [b]) => (a < b ? -1 : 1)));

const generations = ({ rotation }: Topology): string[] =>
  [rotation.current, rotation.previous].filter((generation) => generation !== undefined);

/** Whoever wrote them: a proxy takes a token that any of those about its workload takes. */
const checkers = ({ topology, live }: Context): Doc[] =>
  [kagent.KAGENT_NAMESPACE, ...topology.tenants.map(({ name }) => name), istio.ISTIO_NAMESPACE]
    .flatMap((namespace) => live.objects.in("RequestAuthentication", namespace))
    .filter(({ spec }) => (spec?.jwtRules ?? []).some(({ issuer }: Doc) => issuer === TOKEN_ISSUER));

const keys: Check = {
  layer: "token",
  title: "only the declared key generations are taken, and everywhere the same keys",
  run: async (context) => {
    const wanted = generations(context.topology).map(keyId).sort();
    const all = checkers(context);
    if (all.length === 0) return [pass("RequestAuthentications", "none is needed")];
    const values = all.map((policy) => identity(keysOf(policy)));
    // Without the stack's word a swap of all of them at once would go unseen.
    const made = context.tokenKeys === undefined ? undefined : identity(parsedKeys(context.tokenKeys));
    const usual = made ?? mostFrequent(values);
    return all.map((policy, index): Finding => {
      const found = keysOf(policy)
        .map(({ kid }) => String(kid))
        .sort();
      if (JSON.stringify(found) !== JSON.stringify(wanted))
        return fail(
          nameOf(policy),
          `takes the keys ${found.join(", ") || "(none)"} instead of ${wanted.join(", ")}`,
        );
      return values[index] === usual
        ? pass(nameOf(policy), wanted.join(", "))
        : fail(
            nameOf(policy),
            `takes another key of the same name than ${made === undefined ? "the others do" : "the stack made"}`,
          );
    });
  },
};

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

const held: Check = {
  layer: "token",
  title: "the caller's token is its own, and the callee takes it",
  run: (context) =>
    forEach(context.topology.delegations, (delegation) =>
      about(delegation.id, () => judged(context, delegation)),
    ),
};

async function judged(context: Context, delegation: Delegation): Promise<Finding> {
  const { id, caller, callee } = delegation;
  const { cluster, topology } = context;
  const token = await heldToken(cluster, delegation);
  const { where } = token;
  const wanted: Doc = tokenClaims(caller, callee, topology.rotation.current);
  const wrong = Object.keys(wanted).filter((claim) => token.claims[claim] !== wanted[claim]);
  if (wrong.length > 0) return fail(id, `${where}: the token is not the declared one (${wrong.join(", ")})`);
  if (token.header.kid !== keyId(topology.rotation.current))
    return fail(id, `${where}: the token is signed by another generation than ${topology.rotation.current}`);
  const takers = checkers(context).filter(
    ({ metadata, spec }) =>
      (metadata.namespace === callee.tenant || metadata.namespace === istio.GATEWAY_NAMESPACE) &&
      spec.jwtRules.some(({ audiences = [] }: Doc) => audiences.includes(audience(callee))),
  );
  if (takers.length === 0) return fail(id, "no RequestAuthentication checks tokens for the callee");
  const refusing = takers.filter((policy) => !isSignedBy(token, keysOf(policy)));
  if (refusing.length > 0)
    return fail(id, `${where}: its signature is refused by ${refusing.map(nameOf).join(", ")}`);
  return pass(id, `${subject(caller)} for ${audience(callee)}, taken by ${takers.length}`);
}

/** Where kagent 0.10 mounts what it makes of an Agent; token by token it is copied there when the Agent changes, and only then. */
const POD_CONFIG = "/config/config.json";

/** Hashes of the values of a header, wherever the configuration names one. */
export const HASHES = `
import hashlib, json, sys
p = json.load(sys.stdin)
def values(part):
    if isinstance(part, dict):
        for key, value in part.items():
            if key.lower() == p["header"].lower() and isinstance(value, str):
                yield value
            yield from values(value)
    elif isinstance(part, list):
        for value in part:
            yield from values(value)
try:
    with open(p["path"]) as file:
        print(json.dumps([hashlib.sha256(value.encode()).hexdigest() for value in values(json.load(file))]))
except OSError as error:
    print(json.dumps({"missing": type(error).__name__}))
`;

/** @param path of the configuration in the pod */
export async function podFinding(
  executor: Executor,
  place: Place,
  { id, caller }: Delegation,
  token: HeldToken,
  path = POD_CONFIG,
): Promise<Finding> {
  const input = { path, header: TOKEN_HEADER };
  const found = await runPython<readonly string[] | { missing: string }>(executor, place, HASHES, input);
  if ("missing" in found)
    return notAnswerable(id, `${place.namespace}/${place.pod} has no ${path} that can be read`);
  return found.includes(createHash("sha256").update(token.text).digest("hex"))
    ? pass(id)
    : fail(id, `${place.namespace}/${place.pod} has another token: change a label of Agent ${caller.id}`);
}

const rotated: Check = {
  layer: "token",
  title: "the agent's pod has the current token",
  run: (context) => {
    const executor = executorOf(context);
    return forEach(context.topology.delegations, (delegation) =>
      about(delegation.id, async () => {
        const { caller, id } = delegation;
        const pod = await agentPodOf(context, caller);
        if (pod === undefined) return notAnswerable(id, noPod(context, caller));
        const token = await heldToken(context.cluster, delegation);
        return answerable(id, async () => [await podFinding(executor, pod.place, delegation, token)]);
      }),
    );
  },
};

export const token: readonly Check[] = [keys, held, rotated];
