import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../../core/errors/clock.ts";
import { InputError } from "../../../core/errors/index.ts";
import { createControlClient, type ControlClient } from "../../../drivers/control-client/index.ts";
import { sampleRecord } from "../store/sample-data.ts";
import { startDeployment, VERSION, type Deployment } from "./deployment.ts";

/** Sleeps take no time, and are written down. */
function hurriedClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => 0,
    sleep: async (ms) => {
      sleeps.push(ms);
    },
  };
}

const clientOf = (url: string, apiKey: string, clock: Clock = hurriedClock()): ControlClient =>
  createControlClient({ url, apiKey, keySource: "MY_KEY", version: "0.1.0", clock, random: () => 0.5 });

const CONFIG = { teacher: { baseUrl: "https://teacher.example.com/v1", model: "m" } };

async function opened(): Promise<{ readonly deployment: Deployment; readonly client: ControlClient } & AsyncDisposable> {
  const deployment = await startDeployment();
  const client = clientOf(deployment.url, await deployment.newKey());
  return { deployment, client, [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose]() };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  for (const letter of text) yield Buffer.from(letter);
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return text;
}

describe("the client of the control API", () => {
  it("does what the API does", async () => {
    await using open = await opened();
    const { deployment, client } = open;
    expect((await client.me()).scopes).toEqual(["runs:read", "runs:write", "models:read", "models:write", "keys:write"]);
    const { uploadId, url, headers } = await client.createUpload({ bytes: 10, format: "zip" });
    const sent: number[] = [];
    await client.upload({
      url,
      headers,
      bytes: 10,
      open: () => chunksOf("an archive"),
      onProgress: (bytes) => sent.push(bytes),
      signal: AbortSignal.timeout(60_000),
    });
    expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const run = await client.startRun({ config: CONFIG, uploadId, name: "x" }, "once");
    expect((await client.startRun({ config: CONFIG, uploadId, name: "x" }, "once")).runId).toBe(run.runId);
    expect((await client.run(run.runId)).state).toBe("preparing");
    expect((await client.listRuns({ limit: 3, state: "preparing" })).runs).toHaveLength(1);
    const { store, artifacts } = deployment.platform;
    await store.addSamples([sampleRecord(0, { id: `${run.runId}-s000001`, runId: run.runId })]);
    expect((await client.listSamples(run.runId, { limit: 5 })).samples).toHaveLength(1);
    expect(await client.sample(`${run.runId}-s000001`)).toMatchObject({ index: 0, rollouts: [] });
    await artifacts.put(`datasets/${run.runId}/README.md`, Buffer.from("0123456789"));
    const { files } = await client.dataset(run.runId);
    const { from, chunks } = await client.download(files[0]!.url, 4, AbortSignal.timeout(60_000));
    expect(from).toBe(4);
    expect(await textOf(chunks)).toBe("456789");
    expect((await client.cancelRun(run.runId)).state).toBe("cancelled");
    expect((await client.estimate({ config: CONFIG, functions: 3 })).functions).toBe(3);
    const { id, key } = await client.createKey({ name: "other", scopes: ["runs:read"] });
    expect((await clientOf(deployment.url, key).me()).id).toBe(id);
    await client.revokeKey(id);
    expect((await client.listKeys()).keys.find((record) => record.id === id)).toMatchObject({ isRevoked: true });
    await expect(clientOf(deployment.url, key).me()).rejects.toMatchObject({
      code: "key_refused",
      hint: expect.stringContaining("MY_KEY"),
    });
  });

  it("throws the API's errors as serac's own, with every mistake", async () => {
    await using open = await opened();
    const { client } = open;
    const config = { plan: { samples: 0, sed: 1 } };
    const refused = client.startRun({ config, uploadId: "4fGh2kLmN8pQrS6tUvWxYz01.zip" }, "k");
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toMatchObject({
      code: "config_invalid",
      message: expect.stringMatching(/plan\.samples[\s\S]*plan\.seed/),
    });
    await expect(client.run("nothing")).rejects.toMatchObject({ code: "run_unknown" });
    await expect(client.resumeRun("nothing", { budgetUsd: 1 })).rejects.toMatchObject({ code: "run_unknown" });
  });

  it.each([
    ["api.example.com", /allowed: an https address/],
    ["ftp://api.example.com", /allowed: an https address/],
    ["http://api.example.com", /unencrypted/],
    ["https://user:word@api.example.com", /user name/],
    ["", /allowed/],
  ])("takes no address %j", (url, said) => {
    expect(() => clientOf(url, "sk-serac-x")).toThrow(said);
  });

  it.each([
    ["https://api.example.com/prod/", "https://api.example.com/prod"],
    ["https://api.example.com/prod/v1", "https://api.example.com/prod"],
    ["http://localhost:8080/v1/", "http://localhost:8080"],
    ["http://[::1]:80", "http://[::1]"],
  ])("reads %s as %s", (given, url) => {
    expect(clientOf(given, "sk-serac-x").url).toBe(url);
  });
});

interface Said {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers what it is told, one after the other; null cuts the line. */
async function scripted(
  answers: (Said | null)[],
): Promise<{ readonly url: string; readonly requests: IncomingMessage[] } & AsyncDisposable> {
  const requests: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    requests.push(incoming);
    incoming.resume().on("end", () => {
      const answer = answers.shift();
      if (answer === undefined || answer === null) outgoing.destroy();
      else outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const OURS = { "serac-version": VERSION, "content-type": "application/json" };
const ME = { status: 200, headers: OURS, body: JSON.stringify({ id: "key_1", name: "n", scopes: [], createdAt: "2026-01-01T00:00:00Z" }) };
const KEY = "sk-serac-secret";

describe("a line that is bad", () => {
  it("is tried again, with pauses that grow, as the server asks", async () => {
    const clock = hurriedClock();
    await using server = await scripted([
      null,
      { status: 503, headers: { ...OURS, "retry-after": "7" }, body: "{}" },
      { status: 502, body: "<html>" },
      { status: 429, body: '{"message":"Too Many Requests"}' },
      ME,
    ]);
    expect(await clientOf(server.url, KEY, clock).me()).toMatchObject({ id: "key_1" });
    expect(clock.sleeps).toEqual([250, 7500, 1000, 2000]);
    expect(server.requests).toHaveLength(5);
  });

  it("is given up after five tries, and said in words", async () => {
    await using server = await scripted([]);
    await expect(clientOf(server.url, KEY).me()).rejects.toMatchObject({ code: "api_unreachable" });
    expect(server.requests).toHaveLength(5);
    const gone = clientOf("http://127.0.0.1:9", KEY).me();
    await expect(gone).rejects.toMatchObject({ code: "api_unreachable", message: expect.stringContaining("127.0.0.1:9") });
  });

  it("never makes a second key, or resumes twice", async () => {
    for (const ask of [
      (client: ControlClient) => client.createKey({ name: "n", scopes: ["runs:read"] }),
      (client: ControlClient) => client.resumeRun("run1", { retryFailed: true }),
    ]) {
      await using server = await scripted([null, null]);
      await expect(ask(clientOf(server.url, KEY))).rejects.toMatchObject({ code: "api_unreachable" });
      expect(server.requests).toHaveLength(1);
    }
  });

  it("starts one run, however often it is tried: all tries have one Idempotency-Key", async () => {
    await using server = await scripted([null, { status: 500, headers: OURS, body: "{}" }, null, null, null]);
    await expect(clientOf(server.url, KEY).startRun({ config: CONFIG, uploadId: "u" }, "the-one")).rejects.toMatchObject({
      code: "api_unreachable",
    });
    expect(server.requests.map(({ headers }) => headers["idempotency-key"])).toEqual(Array.from({ length: 5 }, () => "the-one"));
  });
});

describe("a server that is another one", () => {
  it.each<[string, Said, RegExp]>([
    ["a web page", { status: 200, body: "<html>hello</html>" }, /nothing there says that it is serac/],
    ["a page that is missing", { status: 404, body: "<html>no</html>" }, /answers 404 in another way/],
    ["API Gateway without the route", { status: 403, body: '{"message":"Missing Authentication Token"}' }, /answers 403/],
    ["a redirect", { status: 302, headers: { location: "https://login.example.com/" } }, /nothing there says that it is serac/],
    ["no JSON", { status: 200, headers: OURS, body: "hello" }, /not JSON/],
    [
      "another version",
      { status: 200, headers: { ...OURS, "serac-version": "9.0.0" }, body: '{"who":1}' },
      /serac 9\.0\.0 is deployed there/,
    ],
    [
      "a version without the route",
      {
        status: 404,
        headers: OURS,
        body: JSON.stringify({ type: "urn:serac:usage", title: "Not Found", status: 404, detail: "no", code: "usage", requestId: "req_1" }),
      },
      /does not know this request/,
    ],
  ])("is told from serac: %s", async (_name, answer, said) => {
    await using server = await scripted([answer]);
    const asked = clientOf(server.url, KEY).me();
    await expect(asked).rejects.toThrow(said);
    await expect(asked).rejects.toMatchObject({ code: "api_incompatible" });
    expect(server.requests).toHaveLength(1);
  });

  it("gets the key in its header and nowhere else", async () => {
    await using server = await scripted([ME]);
    await clientOf(server.url, KEY).me();
    const [request] = server.requests;
    expect(request!.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(request!.url).toBe("/v1/me");
  });
});

describe("an upload", () => {
  it("begins again when the line breaks, and ends with the store's reason", async () => {
    const clock = hurriedClock();
    const archive = {
      headers: { "x-signed": "1" },
      bytes: 10,
      open: () => chunksOf("an archive"),
      onProgress: () => {},
      signal: AbortSignal.timeout(60_000),
    };
    await using better = await scripted([null, { status: 503, body: "<Error><Code>SlowDown</Code></Error>" }, { status: 200 }]);
    await clientOf(better.url, KEY, clock).upload({ ...archive, url: `${better.url}/put` });
    expect(better.requests.map(({ headers }) => [headers["content-length"], headers["x-signed"], headers.authorization])).toEqual(
      Array.from({ length: 3 }, () => ["10", "1", undefined]),
    );
    await using refusing = await scripted([{ status: 403, body: "<Error><Code>AccessDenied</Code></Error>" }]);
    const refused = clientOf(refusing.url, KEY, clock).upload({ ...archive, url: `${refusing.url}/put` });
    await expect(refused).rejects.toThrow(/HTTP 403 \(AccessDenied\)/);
    expect(refusing.requests).toHaveLength(1);
  });
});
