import assert from "node:assert/strict";
import { answerTo } from "../../../lab/pod/resolver";

const zone = { "specialist.team-beta": "10.96.0.7" };

/** A DNS query as resolvers send it (RFC 1035, 4.1). */
function query(name: string, type: number): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

const parse = (answer: Buffer) => ({
  id: answer.readUInt16BE(0),
  isResponse: (answer.readUInt16BE(2) & 0x8000) !== 0,
  code: answer.readUInt16BE(2) & 0xf,
  answers: answer.readUInt16BE(6),
  address: [...answer.subarray(-4)].join("."),
});

describe("the lab's DNS", () => {
  it("answers with the address of a name, whatever its case", () => {
    for (const name of ["specialist.team-beta", "Specialist.TEAM-beta"]) {
      const answer = parse(answerTo(query(name, 1), zone) as Buffer);
      assert.deepEqual(answer, { id: 0xabcd, isResponse: true, code: 0, answers: 1, address: "10.96.0.7" });
    }
  });

  it("says that a name it does not know does not exist", () => {
    const { code, answers } = parse(answerTo(query("nobody.team-beta", 1), zone) as Buffer);
    assert.deepEqual({ code, answers }, { code: 3, answers: 0 });
  });

  it("has no IPv6 address for a name that exists", () => {
    const { code, answers } = parse(answerTo(query("specialist.team-beta", 28), zone) as Buffer);
    assert.deepEqual({ code, answers }, { code: 0, answers: 0 });
  });

  it("does not answer what is no query", () => {
    assert.equal(answerTo(Buffer.from("short"), zone), undefined);
  });
});
