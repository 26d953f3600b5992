import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readTopology } from "../../../topology/index";
import { isStub } from "../../../verify/stub-model/place";
import { devConfiguration, type devTopology, type Raw } from "../../support/dev";
import { StubModel, stubbed } from "../../support/stub-model";

describe("the stub model", () => {
  let stub: StubModel;
  before(async () => {
    stub = await StubModel.start();
  });
  after(() => stub?.stop());

  const post = (body: unknown, path = "/v1/chat/completions") =>
    fetch(`${stub.url}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const tools = ["beta", "beta__NS__specialist", "other"].map((name) => ({
    type: "function",
    function: { name, parameters: {} },
  }));
  const user = (content: unknown) => ({ model: "gpt", messages: [{ role: "user", content }] });
  const messageOf = async (body: object) => {
    const { choices } = (await (await post(body)).json()) as Raw;
    return choices[0];
  };

  it("calls the tool that the question names, with the rest of the question", async () => {
    const { finish_reason, message } = await messageOf({
      ...user("Ask beta__NS__specialist: word-1"),
      tools,
    });
    assert.equal(finish_reason, "tool_calls");
    assert.equal(message.tool_calls[0].function.name, "beta__NS__specialist");
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { request: "Ask : word-1" });
  });

  it("repeats a tool's result, and without a tool the question, in parts too", async () => {
    const asked = await messageOf({ ...user([{ type: "text", text: "word-1" }]), tools });
    assert.deepEqual([asked.finish_reason, asked.message.content], ["stop", "I was asked: word-1"]);
    const messages = [
      ...user("Ask beta").messages,
      { role: "tool", tool_call_id: "call_1", content: "done" },
    ];
    assert.equal((await messageOf({ model: "gpt", messages, tools })).message.content, "It said: done");
  });

  it("answers in chunks when it is asked to stream", async () => {
    const options = { stream: true, stream_options: { include_usage: true } };
    const response = await post({ ...user("Ask other: x"), tools, ...options });
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    const lines = (await response.text()).split("\n\n").filter((line) => line !== "");
    assert.equal(lines.pop(), "data: [DONE]");
    const chunks = lines.map((line) => JSON.parse(line.slice("data: ".length)) as Raw);
    assert.equal(chunks[0].choices[0].delta.tool_calls[0].index, 0);
    assert.equal(chunks[0].choices[0].delta.tool_calls[0].function.name, "other");
    assert.equal(chunks[1].choices[0].finish_reason, "tool_calls");
    assert.ok(chunks[2].usage.total_tokens > 0);
  });

  it("refuses what it does not know, and goes on", async () => {
    assert.equal((await post("no JSON")).status, 400);
    assert.equal((await post({})).status, 400);
    assert.equal((await post({}, "/v1/embeddings")).status, 404);
    assert.equal((await fetch(`${stub.url}/healthz`)).status, 200);
  });
});

describe("the model that docs/verify.md shows", () => {
  it("is the stub", () => {
    const text = readFileSync(join(__dirname, "../../../docs/verify.md"), "utf8");
    const [, block = ""] = /```yaml\n( {2}kagent-a2a:models:.*?)```/s.exec(text) ?? [];
    const models = (parse(block) as Raw)["kagent-a2a:models"];
    assert.ok(
      readTopology(devConfiguration((raw) => Object.assign(raw, { models }))).agents.every(({ model }) =>
        isStub(model),
      ),
    );
  });
});

describe("a model of a stack", () => {
  const isStubIn = (topology: ReturnType<typeof devTopology>) =>
    topology.agents.every(({ model }) => isStub(model));

  it("is the stub only where its address and its egress say so", () => {
    assert.ok(isStubIn(stubbed()));
    assert.ok(!isStubIn(readTopology(devConfiguration())));
    const others: ((model: Raw) => void)[] = [
      (model) => {
        model.parameters.baseUrl = "http://elsewhere:8080/v1";
      },
      (model) => {
        model.egress.port = 8081;
      },
      (model) => {
        model.egress.pods.namespace = "models";
      },
      (model) => {
        model.egress.pods.labels = { app: "other" };
      },
      (model) => {
        model.egress = { hosts: ["api.openai.com"] };
      },
    ];
    for (const change of others) assert.ok(!isStubIn(stubbed(({ models }) => change(models.gpt))));
  });
});
