import assert from "node:assert/strict";
import fc from "fast-check";
import { hiddenTexts, scrub } from "../../../../sandbox/provider/kubernetes/scrub";
import { fromState, toState } from "../../../../sandbox/provider/kubernetes/state";
import {
  containsSecret,
  hasUnknown,
  isSecret,
  type JsonObject,
  makeSecret,
  markSecrets,
  plain,
  secretTexts,
  UNKNOWN,
} from "../../../../sandbox/provider/rpc/values";

const checkpoint = (live: JsonObject, inputs = live) => ({
  live,
  inputs,
  fieldManager: "manager",
  initialApiVersion: "v1",
});

describe("offline provider: secrets", () => {
  it("unwraps marks and drops nulls, and keeps unknown values", () => {
    const given = { a: makeSecret({ b: makeSecret("s") }), c: [makeSecret(1), null], d: null, e: UNKNOWN };
    assert.deepEqual(plain(given), { a: { b: "s" }, c: [1, null], e: UNKNOWN });
    assert.equal(hasUnknown(plain(given)), true);
    assert.deepEqual(secretTexts(given), ["s", "1"]);
  });

  it("marks in outputs what was secret in inputs: objects by their parts, arrays as a whole", () => {
    const inputs = {
      spec: { token: makeSecret("t"), plain: "p", list: [{ a: makeSecret("x") }, { a: "y" }] },
    };
    const outputs = { spec: { token: "t", plain: "p", list: [{ a: "x" }, { a: "y" }], added: 1 } };
    assert.deepEqual(markSecrets(outputs, inputs), {
      spec: {
        token: makeSecret("t"),
        plain: "p",
        list: makeSecret([{ a: "x" }, { a: "y" }]),
        added: 1,
      },
    });
  });

  it("marks a whole object that was secret as a whole", () => {
    const marked = markSecrets({ spec: { a: 1, b: 2 } }, { spec: makeSecret({ a: 1 }) });
    assert.deepEqual(marked, { spec: makeSecret({ a: 1, b: 2 }) });
  });

  it("keeps the contents of a Secret secret in the state, marked or not, in live object and inputs", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "x" }, data: { k: "MQ==" } };
    const state = toState(checkpoint(secret, { ...secret, stringData: { k: "1" } }), {});
    const inputs = state.__inputs as JsonObject;
    for (const value of [state.data, inputs.data, inputs.stringData]) assert.equal(isSecret(value), true);
    assert.deepEqual(fromState(state).live, secret);
  });

  it("keeps a secret annotation of a Secret secret, too", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "x", annotations: { a: "hush" } } };
    const marked = { metadata: { name: "x", annotations: { a: makeSecret("hush") } } };
    const state = toState(checkpoint(secret), marked);
    assert.equal(containsSecret(state.metadata ?? null), true);
  });

  it("keeps who manages which field out of the state", () => {
    const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x", managedFields: [{}] } };
    assert.deepEqual(toState(checkpoint(live), {}).metadata, { name: "x" });
  });
});

describe("offline provider: messages without secrets", () => {
  const secretManifest = (data: JsonObject) => ({ apiVersion: "v1", kind: "Secret", data });
  const clean = (message: string, marked: JsonObject, manifest: JsonObject = {}) =>
    scrub(message, hiddenTexts(marked, manifest));

  it("hides a marked value wherever it stands", () => {
    const marked = { spec: { key: makeSecret("s3cr3t-value") } };
    assert.equal(
      clean('spec.key: Invalid value: "s3cr3t-value"', marked),
      'spec.key: Invalid value: "[secret]"',
    );
  });

  it("hides what a Secret holds in both encodings, marked or not", () => {
    const manifest = secretManifest({ token: "aHVudGVyMjI=" });
    assert.equal(clean("got aHVudGVyMjI= that is hunter22", {}, manifest), "got [secret] that is [secret]");
  });

  it("hides escaped forms and pieces", () => {
    const marked = { a: makeSecret('line one\nline "two" of the key') };
    assert.equal(clean('error near "line one\\nline \\"two\\" of the key"', marked), 'error near "[secret]"');
    assert.equal(clean("...|e one\nline ...", marked).includes("one"), false);
  });

  it("hides a short value only as a word", () => {
    assert.equal(clean("a cat is a: a", { x: makeSecret("a") }), "[secret] cat is [secret]: [secret]");
  });

  it("leaves other text alone", () => {
    const message = 'admission webhook denied the request: undeclared delegation to "team-beta/specialist"';
    assert.equal(clean(message, { x: makeSecret("0123456789abcdef") }), message);
  });

  it("never lets a value of eight characters or more through", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\w+/"\\ -]{8,40}$/),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const manifest = secretManifest({ k: Buffer.from(secret).toString("base64") });
          const message = clean(
            `${before}${secret}|${Buffer.from(secret).toString("base64")}${after}`,
            {},
            manifest,
          );
          assert.equal(message.includes(secret), false);
        },
      ),
    );
  });
});
