import assert from "node:assert/strict";
import { fileError, reasonOf, UserError } from "../../../system/errors";

describe("errors for the user", () => {
  const systemError = (code: string) => Object.assign(new Error(`${code}: at some call`), { code });

  it("explain what a folder cannot do", () => {
    const explained = (code: string) => {
      const error = fileError(systemError(code), "keep the sandbox there", "/the/folder");
      assert.ok(error instanceof UserError, code);
      return error.message;
    };
    const begin = "/the/folder: cannot keep the sandbox there:";
    const space = "Free some space there, or choose a folder on another disk.";
    const writable = "Make it writable for this user, or choose another folder.";
    assert.equal(explained("ENOSPC"), `${begin} the disk is full.\n${space}`);
    assert.equal(explained("EDQUOT"), `${begin} your disk quota is used up.\n${space}`);
    assert.equal(
      explained("EROFS"),
      `${begin} the file system is read-only.\nChoose a folder that can be written.`,
    );
    assert.equal(explained("EACCES"), `${begin} permission is denied.\n${writable}`);
    assert.equal(explained("EPERM"), `${begin} the operation is not permitted.\n${writable}`);
  });

  it("leave other errors as they are", () => {
    const other = new TypeError("a mistake of ours");
    assert.equal(fileError(other, "keep the sandbox there", "/the/folder"), other);
    const user = new UserError("What.", "How to fix it.");
    assert.equal(fileError(user, "keep the sandbox there", "/the/folder"), user);
  });

  it("give the innermost reason of a network error", () => {
    const reason = reasonOf(
      new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") }),
    );
    assert.equal(reason, "connect ECONNREFUSED 127.0.0.1:9");
    assert.equal(reasonOf(Object.assign(new AggregateError([], ""), { code: "ETIMEDOUT" })), "ETIMEDOUT");
    assert.equal(reasonOf("text"), "text");
  });
});
