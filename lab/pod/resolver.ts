/**
 * The cluster's DNS: answers A queries (RFC 1035) for the names it was given, from one pod, over UDP. A plain Node.js script
 * without dependencies. Names that it does not know do not exist.
 */
import * as dgram from "node:dgram";

export type Zone = Readonly<Record<string, string>>;

if (require.main === module) serve(JSON.parse(process.argv[2] ?? "") as Zone);

function serve(zone: Zone): void {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (query, { address, port }) => {
    const answer = answerTo(query, zone);
    if (answer !== undefined) socket.send(answer, port, address);
  });
  socket.bind(53, "0.0.0.0", () => process.send?.("ready"));
  process.on("disconnect", () => process.exit(0));
}

const HEADER = 12;
const TYPE_A = 1;

export function answerTo(query: Buffer, zone: Zone): Buffer | undefined {
  if (query.length < HEADER + 5) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const end = at + 5;
  const address = zone[labels.join(".").toLowerCase()];
  const isA = query.readUInt16BE(at + 1) === TYPE_A;
  const header = Buffer.from(query.subarray(0, HEADER));
  // A response, authoritative, recursion available; code 3 is "no such name".
  header.writeUInt16BE(0x8580 | (address === undefined ? 3 : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(address !== undefined && isA ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const question = query.subarray(HEADER, end);
  if (address === undefined || !isA) return Buffer.concat([header, question]);
  const record = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0, 5, 0, 4]);
  return Buffer.concat([header, question, record, Buffer.from(address.split(".").map(Number))]);
}
