/**
 * The SDK unpacks every resource of a stack anew for every policy (@pulumi/policy 1.21, `makeAnalyzeStackRpcFun`): with as many
 * policies as this pack has, that is almost all of what the engine waits for. A message does not change and no rule changes
 * what it reads, so what was unpacked is kept for as long as the message lives.
 */
type Unpack = (message: object, keepSecrets: boolean) => unknown;

/** To be called before the pack is served. */
export function unpackOnce(): void {
  const sdk = require("@pulumi/policy/deserialize") as { deserializeProperties: Unpack };
  const unpack = sdk.deserializeProperties;
  const kept = new WeakMap<object, unknown>();
  sdk.deserializeProperties = (message, keepSecrets) => {
    if (keepSecrets) return unpack(message, keepSecrets);
    const known = kept.get(message);
    if (known !== undefined) return known;
    const plain = unpack(message, keepSecrets);
    kept.set(message, plain);
    return plain;
  };
}
