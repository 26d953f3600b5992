/**
 * Messages without secret values. The API server quotes what it refuses, in whole, escaped or cut off, and a message
 * ends up on screens and in logs.
 */

import { isObject, type JsonObject, secretTexts } from "../rpc/values";
import { isSecretKind, type Manifest } from "./manifest";

const MARK = "[secret]";
/** A shorter text is hidden only as a whole word: hiding every letter "a" would leave nothing readable. */
const SHORT = 4;
/** A piece of a secret this long is a leak. */
const PIECE = 8;

/** What must not appear, from the inputs as the program marked them and from the contents of a Secret. */
export function hiddenTexts(marked: JsonObject, manifest: Manifest): string[] {
  const texts = secretTexts(marked);
  if (isSecretKind(manifest)) {
    for (const field of ["data", "stringData"]) {
      const entries = isObject(manifest[field]) ? Object.values(manifest[field]) : [];
      texts.push(...entries.map(String));
    }
  }
  const encoded = texts.map((text) => Buffer.from(text).toString("base64"));
  const decoded = texts.flatMap((text) => {
    const bytes = Buffer.from(text, "base64");
    return bytes.toString("base64") === text ? [bytes.toString("utf8")] : [];
  });
  return [...new Set([...texts, ...encoded, ...decoded])]
    .filter((text) => text.trim() !== "")
    .sort((a, b) => b.length - a.length);
}

export function scrub(message: string, hidden: string[]): string {
  let result = message;
  for (const secret of hidden) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) {
      result =
        form.length < SHORT
          ? result.replace(new RegExp(`(?<!\\w)${literal(form)}(?!\\w)`, "g"), MARK)
          : result.replaceAll(form, MARK);
    }
  }
  for (const secret of hidden) result = scrubPieces(result, secret);
  return result;
}

/** Decoding errors quote a window of the request's body, which may start or end in the middle of a secret. */
function scrubPieces(message: string, secret: string): string {
  if (secret.length <= PIECE) return message;
  let result = "";
  let index = 0;
  while (index < message.length) {
    let length = 0;
    if (secret.includes(message.slice(index, index + PIECE)) && index + PIECE <= message.length) {
      length = PIECE;
      while (index + length < message.length && secret.includes(message.slice(index, index + length + 1))) {
        length++;
      }
    }
    result += length > 0 ? MARK : message[index];
    index += Math.max(length, 1);
  }
  return result;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
