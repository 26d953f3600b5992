/** The token that a caller holds for a delegation, as its team's Secret has it. */
import { audience, type Delegation, tokenSecretName } from "../../topology/index";
import { Failed } from "../errors";
import { type Cluster, MissingRight } from "../live/cluster";
import type { Doc } from "../static/objects";
import { nameOf } from "./drift";

const FORBIDDEN = 403;
const NOT_FOUND = 404;

/** Its text goes into requests alone: no finding, error or output may hold any of it. */
export interface HeldToken {
  readonly text: string;
  readonly header: Doc;
  readonly claims: Doc;
  readonly signed: string;
  readonly signature: Buffer;
  /** The Secret, for people. */
  readonly where: string;
}

/** What a header can carry, and nothing around it. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** @throws MissingRight; Failed when there is no token */
export async function heldToken(
  cluster: Pick<Cluster, "get">,
  { caller, callee }: Pick<Delegation, "caller" | "callee">,
): Promise<HeldToken> {
  const metadata = { name: tokenSecretName(caller.name), namespace: caller.tenant };
  const secret = { apiVersion: "v1", kind: "Secret", metadata };
  const { code, body, message } = await cluster.get(secret);
  const where = nameOf(secret);
  if (code === FORBIDDEN) throw new MissingRight(`get secrets in ${caller.tenant}`);
  if (code === NOT_FOUND) throw new Failed(`${where} is not on the cluster`);
  if (code >= 300) throw new Failed(`${where}: ${message}`);
  const text = Buffer.from(body.data?.[audience(callee)] ?? "", "base64").toString("utf8");
  const token = COMPACT.test(text) ? parsed(text) : undefined;
  if (token === undefined) throw new Failed(`${where} holds no token under ${audience(callee)}`);
  return { ...token, where };
}

function parsed(text: string): Omit<HeldToken, "where"> | undefined {
  const [header = "", claims = "", signature = ""] = text.split(".");
  try {
    const decode = (part: string): Doc => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return {
      text,
      header: decode(header),
      claims: decode(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, "base64url"),
    };
  } catch {
    return undefined;
  }
}

/** One that must be refused, for a reason of its own; or why there is none to be tried with. */
export type WrongToken =
  | { readonly what: string; readonly token: string | undefined }
  | { readonly what: string; readonly missing: string };

/**
 * Besides forged ones, genuine tokens of other delegations, which only the policies can tell from the right one.
 * @param mayBorrow whether a token of this delegation may be taken to where the requests are made
 */
export async function wrongTokens(
  cluster: Pick<Cluster, "get">,
  delegations: readonly Delegation[],
  {
    delegation,
    held,
    mayBorrow,
  }: {
    readonly delegation: Delegation;
    readonly held: HeldToken;
    readonly mayBorrow: (other: Delegation) => boolean;
  },
): Promise<WrongToken[]> {
  const { caller, callee } = delegation;
  const [header = "", claims = "", signature = ""] = held.text.split(".");
  const changed = Buffer.from(JSON.stringify({ ...held.claims, sub: "nobody.nowhere" })).toString(
    "base64url",
  );
  const others = delegations.filter(mayBorrow);
  const borrowed = async (
    what: string,
    other: Delegation | undefined,
    missing: string,
  ): Promise<WrongToken> => {
    if (other === undefined) return { what, missing };
    try {
      return { what, token: (await heldToken(cluster, other)).text };
    } catch (error) {
      if (error instanceof Failed) return { what, missing: error.message };
      throw error;
    }
  };
  return [
    { what: "no token", token: undefined },
    {
      what: "a token with another signature",
      token: `${header}.${claims}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
    },
    { what: "a token whose subject was changed", token: `${header}.${changed}.${signature}` },
    await borrowed(
      "a genuine token for another audience",
      others.find((one) => one.caller.id === caller.id && one.callee.id !== callee.id),
      `${caller.id} has no other delegation, whose token could be tried`,
    ),
    await borrowed(
      "a genuine token of another subject",
      others.find((one) => one.callee.id === callee.id && one.caller.id !== caller.id),
      `there is no other delegation to ${callee.id} whose token could be tried from here`,
    ),
  ];
}
