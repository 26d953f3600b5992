/**
 * A model whose answers follow from the question: OpenAI's chat completions, streamed and not, for an agent that is to delegate.
 * Asked with a tool's name it calls that tool with the rest of the question; given a tool's result it repeats it; else it repeats
 * the question. Plain Node.js without dependencies: it is handed to `node -e` in a pod.
 */
const { createServer } = require("node:http");

const MOST_BYTES = 4 * 1024 * 1024;
let answers = 0;

function textOf(message) {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map((part) => part.text ?? "").join("\n");
}

/** The tool that the question names; of names that are part of each other the longest. */
function named(question, tools) {
  const names = tools.map((tool) => tool.function.name).filter((name) => question.includes(name));
  return names.sort((a, b) => b.length - a.length)[0];
}

function answerTo({ messages, tools = [] }, number) {
  const last = messages.at(-1);
  const text = textOf(last);
  if (last?.role === "tool") return { content: `It said: ${text}` };
  const tool = named(text, tools);
  if (tool === undefined) return { content: `I was asked: ${text}` };
  const request = text.replaceAll(tool, "").trim();
  const call = { name: tool, arguments: JSON.stringify({ request }) };
  return { content: null, tool_calls: [{ id: `call_${number}`, type: "function", function: call }] };
}

function complete(request, response) {
  answers += 1;
  const message = { role: "assistant", ...answerTo(request, answers) };
  const reason = message.tool_calls === undefined ? "stop" : "tool_calls";
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const common = { id: `chatcmpl-${answers}`, created: 0, model: request.model };
  if (request.stream !== true) {
    const choices = [{ index: 0, message, finish_reason: reason }];
    return json(response, 200, { ...common, object: "chat.completion", choices, usage });
  }
  const calls = message.tool_calls?.map((call, index) => ({ index, ...call }));
  const delta = { ...message, ...(calls && { tool_calls: calls }) };
  const chunk = (choices, more) => ({ ...common, object: "chat.completion.chunk", choices, ...more });
  const chunks = [
    chunk([{ index: 0, delta, finish_reason: null }]),
    chunk([{ index: 0, delta: {}, finish_reason: reason }]),
    ...(request.stream_options?.include_usage ? [chunk([], { usage })] : []),
  ];
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const one of chunks) response.write(`data: ${JSON.stringify(one)}\n\n`);
  response.end("data: [DONE]\n\n");
}

function json(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const refuse = (response, status, message) => json(response, status, { error: { message } });

const server = createServer((request, response) => {
  if (request.method === "GET" && request.url === "/healthz") return json(response, 200, {});
  if (request.method !== "POST" || request.url !== "/v1/chat/completions")
    return refuse(response, 404, `There is no ${request.method} ${request.url}.`);
  const parts = [];
  let bytes = 0;
  request.on("data", (part) => {
    bytes += part.length;
    if (bytes <= MOST_BYTES) parts.push(part);
  });
  request.on("end", () => {
    if (bytes > MOST_BYTES) return refuse(response, 413, "The request is too long.");
    try {
      complete(JSON.parse(Buffer.concat(parts).toString("utf8")), response);
    } catch {
      refuse(response, 400, "This is no chat completion.");
    }
  });
});
server.listen(Number(process.env.PORT), process.env.ADDRESS ?? "0.0.0.0", () =>
  console.log(`listening on ${server.address().port}`),
);
process.on("SIGTERM", () => process.exit(0));
