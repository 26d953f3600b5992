import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { TokenClaims } from "../../topology/index";
import type { Rotation } from "../../topology/schema";
import { jwks, publicJwk, signToken } from "../layers/token-signing";

/** Characters of a password, drawn from 62 or more: above 256 bits, as much as an Ed25519 seed holds. */
const PASSWORD_LENGTH = 64;

export interface SigningKeysArgs {
  /** Generations of the key; each keeps its key for as long as it is named. */
  readonly rotation: Rotation;
}

/**
 * The keys that sign delegation tokens, one per generation.
 * `RandomPassword`, because `RandomBytes` and `RandomString` keep their secret as the plaintext id in state (@pulumi/random 4.21).
 */
export class SigningKeys extends pulumi.ComponentResource {
  /** Public keys of all generations in `rotation`, as a JSON Web Key Set. Not secret. */
  readonly jwks: pulumi.Output<string>;
  readonly #generation: string;
  readonly #password: pulumi.Output<string>;

  constructor(name: string, { rotation }: SigningKeysArgs, options?: pulumi.ComponentResourceOptions) {
    super("kagent-a2a:engine:SigningKeys", name, {}, options);
    const password = (generation: string) =>
      new random.RandomPassword(
        `${name}-${generation}`,
        { length: PASSWORD_LENGTH, special: false, keepers: { generation } },
        { parent: this, additionalSecretOutputs: ["result", "bcryptHash"] },
      ).result;
    const generations = [rotation.current, ...(rotation.previous === undefined ? [] : [rotation.previous])];
    const passwords = new Map(
      generations.map((generation) => [generation, pulumi.secret(password(generation))]),
    );
    this.#generation = rotation.current;
    this.#password = passwords.get(rotation.current) ?? pulumi.secret("");
    this.jwks = pulumi.unsecret(
      pulumi
        .all([...passwords].map(([generation, value]) => value.apply((text) => publicJwk(text, generation))))
        .apply(jwks),
    );
    this.registerOutputs({ jwks: this.jwks });
  }

  /** A token with these claims, signed by the current generation. Secret. */
  sign(claims: TokenClaims): pulumi.Output<string> {
    return this.#password.apply((password) => signToken(claims, password, this.#generation));
  }
}
