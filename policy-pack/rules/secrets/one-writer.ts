import { rule } from "../../framework/rule";
import { secretWriters, writersOf } from "../../reading/secrets";

export const oneWriter = rule({
  name: "secrets-one-writer",
  layer: "secrets",
  severity: "high",
  description: "Each Secret has one writer.",
  why: "External Secrets adopts an ownerless Secret, cert-manager overwrites one, and kagent overwrites the Secret named like an Agent: two writers take turns, and either value may be in use.",
  remediation: [
    "Rename the Secret, or remove one of its writers: the Secret itself, spec.target.name of an ExternalSecret,",
    "spec.secretName of a Certificate, or an Agent of the same name.",
  ],
  subjects: secretWriters,
  *check({ object, secret }, stack) {
    const others = writersOf(stack, secret).filter((writer) => writer.object !== object);
    if (others.length > 0)
      yield object.root.finding(
        `writes Secret ${secret}, which ${others.map((other) => other.object.title).join(" and ")} also writes. Keep one of them.`,
      );
  },
});
