import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashOf } from "../../../core/gateway/key-ring.ts";
import { createDynamoKeyRing } from "../../../drivers/dynamodb/index.ts";
import { buildLambdas } from "../../../scripts/build-lambdas.ts";
import { emulated } from "../../cloud/moto.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { startUpstream, type TestUpstream } from "../../upstream/index.ts";
import { clientOf, newTable } from "../../cloud/table.ts";
import { functionEnvironment } from "./environment.ts";
import { removeFolder } from "../../folder.ts";

const KEY = "sk-serac-gateway-test-key-of-one-user";
const UPSTREAM_KEY = "sk-model-server-0001";

const moto = useMoto();
let upstream: TestUpstream;
let runtime: ChildProcess;
let out: string;
let url: string;
const lines: string[] = [];

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "serac-gateway-"));
  const building = buildLambdas(out, ["gateway"]);
  upstream = await startUpstream({
    apiKey: UPSTREAM_KEY,
    script: [{ content: "one two three four five six seven eight nine ten", tokensPerSecond: 40 }],
  });
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

afterAll(async () => {
  runtime?.kill();
  await upstream?.close();
  await removeFolder(out);
});

const ask = (key: string, body: object): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: JSON.stringify({ model: "student-32b", max_tokens: 100, messages: [{ role: "user", content: "Count." }], ...body }),
  });

test("streams while the model speaks", async () => {
  const response = await ask(KEY, { stream: true });
  if (response.status !== 200) throw new Error(await response.text());
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const pieces: string[] = [];
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces[0]).not.toContain("message_stop");
  expect(pieces.join("")).toContain("message_stop");
  expect(upstream.chats.at(-1)).toBeDefined();
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
