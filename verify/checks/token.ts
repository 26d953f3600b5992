/** The tokens that callers hold are signed by the keys that callees and the gateway take, and no other key is taken. */
import { createPublicKey, verify as verifySignature } from "node:crypto";
import {
  audience,
  type Delegation,
  istio,
  kagent,
  keyId,
  subject,
  TOKEN_ISSUER,
  type Topology,
  tokenClaims,
  tokenSecretName,
} from "../../topology/index";
import { MissingRight } from "../live/cluster";
import type { Doc } from "../static/objects";
import { about, type Check, type Context, type Finding, fail, forEach, notAnswerable, pass } from "./check";
import { nameOf } from "./drift";

const FORBIDDEN = 403;
const NOT_FOUND = 404;

interface Token {
  readonly header: Doc;
  readonly claims: Doc;
  readonly signed: string;
  readonly signature: Buffer;
}

/** A token in compact form; undefined for any other text. Its text never leaves this file. */
function parse(text: string): Token | undefined {
  const [header = "", claims = "", signature = "", ...rest] = text.split(".");
  try {
    const decode = (part: string): Doc => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    if (rest.length > 0) return undefined;
    return {
      header: decode(header),
      claims: decode(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, "base64url"),
    };
  } catch {
    return undefined;
  }
}

function isSignedBy({ header, signed, signature }: Token, keys: readonly Doc[]): boolean {
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
      about(delegation.id, () => heldToken(context, delegation)),
    ),
};

async function heldToken(context: Context, { id, caller, callee }: Delegation): Promise<Finding> {
  const { cluster, topology } = context;
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: tokenSecretName(caller.name), namespace: caller.tenant },
  };
  const { code, body, message } = await cluster.get(secret);
  const where = nameOf(secret);
  if (code === FORBIDDEN) throw new MissingRight(`get secrets in ${caller.tenant}`);
  if (code === NOT_FOUND) return fail(id, `${where} is not on the cluster`);
  if (code >= 300) return fail(id, `${where}: ${message}`);
  const text = Buffer.from(body.data?.[audience(callee)] ?? "", "base64").toString("utf8");
  const token = parse(text);
  if (token === undefined) return fail(id, `${where} holds no token under ${audience(callee)}`);
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

/** The controller copies the token into a Secret of its own for the agent, and again only when the Agent changes (kagent 0.10). */
const rotated: Check = {
  layer: "token",
  title: "the agent's pod has the current token",
  run: ({ topology, cluster }) =>
    forEach(topology.delegations, ({ id, caller, callee }) =>
      about(id, async () => {
        const own = { apiVersion: "v1", kind: "Secret" };
        const copy = await cluster.get({ ...own, metadata: { name: caller.name, namespace: caller.tenant } });
        if (copy.code === FORBIDDEN) throw new MissingRight(`get secrets in ${caller.tenant}`);
        if (copy.code === NOT_FOUND)
          return notAnswerable(id, "no kagent controller has rendered the agent; it needs one that runs");
        const source = await cluster.get({
          ...own,
          metadata: { name: tokenSecretName(caller.name), namespace: caller.tenant },
        });
        const token = Buffer.from(source.body.data?.[audience(callee)] ?? "", "base64").toString("utf8");
        const rendered = Buffer.from(copy.body.data?.["config.json"] ?? "", "base64").toString("utf8");
        return token !== "" && rendered.includes(token)
          ? pass(id)
          : fail(
              id,
              `Secret ${caller.tenant}/${caller.name} holds another token: change a label of the Agent`,
            );
      }),
    ),
};

export const token: readonly Check[] = [keys, held, rotated];
