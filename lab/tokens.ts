/** Every token that somebody could show up with, signed with the lab's own keys. They are secret in no way: the keys die with the lab. */
import { jwks, publicJwk, signToken } from "../components/layers/token-signing";
import {
  type Agent,
  audience,
  subject,
  TOKEN_HEADER,
  TOKEN_ISSUER,
  type TokenClaims,
  type Topology,
} from "../topology/index";
import type { Token } from "../verify/static/istio";

export const TOKEN_KINDS = [
  "good",
  "none",
  "forged",
  "foreign subject",
  "foreign audience",
  "previous generation",
  "removed generation",
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** A generation that no configuration can name: longer than the schema takes. */
const REMOVED = "removed-long-ago-1";
const NOBODY = "nobody.nowhere";

/** A token as a header has it, and as the evaluators see it. */
export interface Shown {
  readonly value: string;
  readonly seen: Token;
}

export class Tokens {
  /** A signature takes longer than anything else that a prediction needs. */
  private readonly known = new Map<string, Shown>();

  constructor(
    private readonly topology: Topology,
    private readonly password: string,
  ) {}

  /** Public keys of the generations that the configuration accepts. */
  jwks(): string {
    return jwks(this.generations().map((generation) => publicJwk(this.passwordOf(generation), generation)));
  }

  /** The token of a delegation, as the program itself would sign it. */
  ofDelegation(caller: string, callee: string, generation = this.topology.rotation.current): string {
    return this.sign({ sub: caller, aud: callee }, generation);
  }

  /**
   * What a caller (by its token subject) shows to a callee. `good` is the token of that very delegation, whether or not it is
   * declared: nobody has it then, and the mesh must refuse it all the same. Undefined: the configuration has no such token.
   */
  shown(kind: TokenKind, caller: string, callee: Agent): Shown | undefined {
    const own = { sub: caller, aud: audience(callee) };
    const { current, previous } = this.topology.rotation;
    switch (kind) {
      case "good":
        return this.show(own, current);
      case "none":
        return undefined;
      case "forged":
        return this.show(own, current, "another password");
      case "foreign subject":
        return this.show({ ...own, sub: this.otherCaller(caller, callee) }, current);
      case "foreign audience":
        return this.show({ ...own, aud: this.otherCallee(callee) }, current);
      case "previous generation":
        return this.show(own, previous ?? "0");
      case "removed generation":
        return this.show(own, REMOVED);
    }
  }

  /** One who may call this callee, rather than somebody whom nobody knows. */
  private otherCaller(caller: string, callee: Agent): string {
    return callee.callers.map(subject).find((sub) => sub !== caller) ?? NOBODY;
  }

  private otherCallee(callee: Agent): string {
    const others = this.topology.agents.filter(({ id, callers }) => id !== callee.id && callers.length > 0);
    return others[0] === undefined ? NOBODY : audience(others[0]);
  }

  private show(claims: Claims, generation: string, password = this.passwordOf(generation)): Shown {
    const key = [claims.sub, claims.aud, generation, password].join(" ");
    const shown = this.known.get(key) ?? this.make(claims, generation, password);
    this.known.set(key, shown);
    return shown;
  }

  private make(claims: Claims, generation: string, password: string): Shown {
    const { x } = publicJwk(password, generation);
    return {
      value: this.sign(claims, generation, password),
      seen: {
        issuer: TOKEN_ISSUER,
        subject: claims.sub,
        audience: claims.aud,
        genuine: this.generations().includes(generation) && password === this.passwordOf(generation),
        header: TOKEN_HEADER.toLowerCase(),
        isVerifiedBy: (keys) => String(keys).includes(x),
      },
    };
  }

  private sign({ sub, aud }: Claims, generation: string, password = this.passwordOf(generation)): string {
    const claims: TokenClaims = { iss: TOKEN_ISSUER, sub, aud, jti: `${sub}/${aud}/${generation}` };
    return signToken(claims, password, generation);
  }

  private generations(): string[] {
    const { current, previous } = this.topology.rotation;
    return previous === undefined ? [current] : [current, previous];
  }

  private passwordOf(generation: string): string {
    return `${this.password}/${generation}`;
  }
}

interface Claims {
  readonly sub: string;
  readonly aud: string;
}
