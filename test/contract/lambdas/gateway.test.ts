import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { hashOf } from "../../../core/gateway/key-ring.ts";
import { createDynamoKeyRing } from "../../../drivers/dynamodb/index.ts";
import { buildLambdas } from "../../../scripts/build-lambdas.ts";
import { emulated } from "../../cloud/moto.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { type Answer, type Break, startUpstream, type TestUpstream } from "../../upstream/index.ts";
import { clientOf, newTable } from "../../cloud/table.ts";
import { functionEnvironment } from "./environment.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

const PATIENCE = { timeout: 30_000, interval: 20 };
const KEY = "sk-serac-gateway-test-key-of-one-user";
const UPSTREAM_KEY = "sk-model-server-0001";

const COUNT: Answer = { content: "one two three four five six seven eight nine ten", tokensPerSecond: 40 };

const moto = useMoto();
let modelSays: Answer;
let upstream: TestUpstream;
let runtime: ChildProcess;
let out: string;
let url: string;
const lines: string[] = [];

beforeAll(async () => {
  out = temporaryFolder();
  const building = buildLambdas(out, ["gateway"]);
  upstream = await startUpstream({ apiKey: UPSTREAM_KEY, script: () => modelSays });
  const secrets = new SecretsManagerClient(emulated(moto.endpoint));
  await secrets.send(new CreateSecretCommand({ Name: "serac/model-server", SecretString: UPSTREAM_KEY }));
  secrets.destroy();
  const client = clientOf(moto.endpoint);
  const tableName = await newTable(client);
  const limits = { requestsPerMinute: null, tokensPerMinute: null };
  await createDynamoKeyRing({ client, tableName }).put({ id: "one", sha256: hashOf(KEY), isRevoked: false, capture: false, ...limits });
  client.destroy();

  await building;
  const models = [{ name: "student-32b", url: upstream.url, upstreamName: "student", keySecret: "serac/model-server", profile: "native" }];
  runtime = spawn(process.execPath, [join(import.meta.dirname, "../../cloud/streaming-runtime.ts"), join(out, "gateway/index.mjs")], {
    env: { ...functionEnvironment(), AWS_ENDPOINT_URL: moto.endpoint, SERAC_TABLE: tableName, SERAC_GATEWAY: JSON.stringify({ models }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = createInterface(runtime.stdout!);
  [url] = (await once(printed, "line")) as [string];
  printed.on("line", (line) => lines.push(line));
});

beforeEach(() => {
  modelSays = COUNT;
});

afterAll(async () => {
  runtime?.kill();
  await upstream?.close();
  await removeFolder(out);
});

const ask = (key: string, body: object, path = "/v1/messages", signal?: AbortSignal): Promise<Response> =>
  fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ model: "student-32b", max_tokens: 100, messages: [{ role: "user", content: "Count." }], ...body }),
    signal: signal ?? null,
  });

test("streams while the model speaks", async () => {
  modelSays = { ...COUNT, breaks: { at: "text", how: "silence" } };
  const response = await ask(KEY, { stream: true });
  if (response.status !== 200) throw new Error(await response.text());
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  let said = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    said += piece;
    if (said.includes("text_delta")) break;
  }
  expect(said).not.toContain("message_stop");
  expect(upstream.chats.at(-1)!.outcome).toBe("open");
});

test("streams to the end", async () => {
  const text = await (await ask(KEY, { stream: true })).text();
  expect(text).toContain("text_delta");
  expect(text).toContain("message_stop");
});

test("answers as a whole where nobody wants a stream", async () => {
  const answer = (await (await ask(KEY, {})).json()) as { content: { text: string }[] };
  expect(answer.content[0]!.text).toContain("one two three");
});

test("a key that nobody gave out opens nothing", async () => {
  const response = await ask("sk-serac-something-else", {});
  expect(response.status).toBe(401);
});

test("one line a request, without keys and words", async () => {
  await ask(KEY, {});
  while (!lines.some((line) => line.includes('"route":"/v1/messages"') && line.includes('"keyId":"one"'))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const text = lines.join("\n");
  for (const secret of [KEY, UPSTREAM_KEY, "three", "Count."]) expect(text).not.toContain(secret);
});

describe("a client that leaves", () => {
  const words = "word ".repeat(100);
  const halfSaid = (at: Break["at"], more: object): Answer => ({ ...more, breaks: { at, how: "silence" } });
  const tools = [{ name: "Bash", description: "Runs.", input_schema: { type: "object", properties: { command: { type: "string" } } } }];
  const MESSAGES = "/v1/messages";
  const moments: readonly { readonly when: string; readonly answer: Answer; readonly path: string; readonly sees: string | null }[] = [
    { when: "before the server answers", answer: { fault: "hang" }, path: MESSAGES, sees: null },
    { when: "before the first token", answer: halfSaid("start", { content: words }), path: MESSAGES, sees: null },
    { when: "in a thought", answer: halfSaid("text", { thinking: words }), path: MESSAGES, sees: "thinking_delta" },
    { when: "in the text", answer: halfSaid("text", { content: words }), path: MESSAGES, sees: "text_delta" },
    {
      when: "in the arguments of a call",
      answer: halfSaid("arguments", { calls: [{ name: "Bash", arguments: { command: words } }] }),
      path: MESSAGES,
      sees: "input_json_delta",
    },
    {
      when: "in a pass-through",
      answer: { content: words, breaks: { at: "text", how: "endless" } },
      path: "/v1/chat/completions",
      sees: "word",
    },
  ];

  test.each(moments)("$when: the server is left, too, and the log says so", async ({ answer, path, sees }) => {
    modelSays = answer;
    const before = upstream.chats.length;
    const logged = lines.length;
    const leaving = new AbortController();
    const body = { stream: true, ...(path === MESSAGES ? { tools } : {}) };
    const asked = ask(KEY, body, path, leaving.signal);
    if (sees === null) {
      asked.catch(() => {});
      await vi.waitUntil(() => upstream.chats.length > before, PATIENCE);
    } else {
      let seen = "";
      for await (const piece of (await asked).body!.pipeThrough(new TextDecoderStream())) if ((seen += piece).includes(sees)) break;
    }
    leaving.abort();
    const chat = upstream.chats[before]!;
    await chat.ended;
    expect(chat.outcome).toBe("left");
    await vi.waitFor(() => expect(lines.slice(logged).join("\n")).toMatch(/"status":499,"error":"client_gone"/), PATIENCE);
  });
});

test("an answer that the model server breaks off is no whole one", async () => {
  modelSays = { content: "one two three four", breaks: { at: "text", how: "cut" } };
  const response = await ask(KEY, { stream: true }, "/v1/chat/completions");
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow("terminated");
});
