/**
 * A model that needs no luck: OpenAI's chat completions over TLS, with answers that follow from the request. Asked by an agent
 * that has tools it calls the one that the user's message names; given a tool's result it repeats that; else it answers with what
 * it was given for the agent. A plain Node.js script without dependencies.
 */
import * as https from "node:https";

/** An agent, as a request to a model shows it: by its key and its instruction. */
export interface Persona {
  readonly agent: string;
  readonly apiKey: string;
  readonly instruction: string;
  /** What the model answers for it: nobody else knows it. */
  readonly contribution: string;
}

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly text?: string }[] | null;
}
interface Completion {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** Who asked; undefined where nobody whom the model knows did. */
  readonly agent?: string;
  /** The tool that is called. */
  readonly tool?: string;
}

const refusal = (status: number, message: string): Reply => ({ status, body: { error: { message } } });

/** @param number of the answer: no two may have the same identifiers */
export function replyTo(
  authorization: string | undefined,
  text: string,
  personas: readonly Persona[],
  number: number,
): Reply {
  const own = personas.filter(({ apiKey }) => authorization === `Bearer ${apiKey}`);
  if (own.length === 0) return refusal(401, "Incorrect API key provided.");
  const { model, messages, tools = [] } = JSON.parse(text) as Completion;
  const system = messages.find(({ role }) => role === "system" || role === "developer");
  const persona = own.find(({ instruction }) => textOf(system).includes(instruction));
  if (persona === undefined) return refusal(400, "No agent with that key has this instruction.");
  const { agent } = persona;
  const last = messages.at(-1);
  const complete = (message: object, reason: string) => ({
    id: `chatcmpl-${number}`,
    object: "chat.completion",
    created: 0,
    model,
    choices: [{ index: 0, finish_reason: reason, message: { role: "assistant", ...message } }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
  if (last?.role === "tool")
    return { status: 200, agent, body: complete({ content: `It said: ${textOf(last)}` }, "stop") };
  const asked = textOf(last);
  const tool = tools.find(({ function: { name } }) => asked.includes(name))?.function.name;
  if (tool === undefined)
    return { status: 200, agent, body: complete({ content: persona.contribution }, "stop") };
  const call = {
    id: `call_${number}`,
    type: "function",
    function: { name: tool, arguments: JSON.stringify({ request: "What do you contribute?" }) },
  };
  return { status: 200, agent, tool, body: complete({ content: null, tool_calls: [call] }, "tool_calls") };
}

function textOf(message: Message | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("\n");
}

/** What the script is given. */
export interface Serving {
  readonly ports: readonly number[];
  readonly personas: readonly Persona[];
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}
/** A request that the script has answered. */
export interface Asked {
  readonly status: number;
  readonly agent?: string;
  readonly tool?: string;
}

if (require.main === module) serve(JSON.parse(process.argv[2] ?? "") as Serving);

function serve({ ports, personas, certificate, key }: Serving): void {
  let count = 0;
  const servers = ports.map((port) => {
    const server = https.createServer({ cert: certificate, key }, (request, response) => {
      let text = "";
      request.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      request.on("end", () => {
        const isCompletion = request.method === "POST" && request.url === "/v1/chat/completions";
        const { status, body, agent, tool } = isCompletion
          ? replyTo(request.headers.authorization, text, personas, ++count)
          : refusal(404, `There is no ${request.method} ${request.url}.`);
        // First, so that whoever has the answer can know who asked.
        process.send?.({ status, ...(agent && { agent }), ...(tool && { tool }) } satisfies Asked);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
    });
    return new Promise<void>((resolve) => server.listen(port, "0.0.0.0", resolve));
  });
  process.on("disconnect", () => process.exit(0));
  Promise.all(servers).then(() => process.send?.("ready"));
}
