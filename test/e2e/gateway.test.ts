import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { startUpstream } from "../upstream/index.ts";
import { type Finished, jsonLines, type Running, scratch, serac, startSerac } from "./serac.ts";

const KEY = "serac-a-key-that-is-long-enough";

/** A gateway that listens, and its address. */
async function listening(flags: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<Running & { readonly url: string }> {
  const running = startSerac(["gateway", "--port", "0", "--json", ...flags], { cwd, env });
  const line = await running.line((text) => text.includes('"listening"'));
  return { ...running, url: JSON.parse(line).url };
}

async function stopped(running: Running): Promise<Finished> {
  running.child.kill("SIGINT");
  return running.finished;
}

const clientOf = (url: string, apiKey = "any"): Anthropic => new Anthropic({ baseURL: url, apiKey, maxRetries: 0 });
const question = { model: "student", max_tokens: 100, messages: [{ role: "user" as const, content: "What is the secret word?" }] };

/** A free port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a gateway on this machine", () => {
  it("says where it listens and what it serves, then one line a request, then the sums", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "It is a pomegranate." }] });
    const running = startSerac(["gateway", "--upstream", `${upstream.url}/v1`, "--port", "0"], { cwd: folder.path });
    const first = await running.line((line) => line.startsWith("Gateway at"));
    expect(first).toContain(`student from ${upstream.url}, profile swe-agent, window 32,768 tokens`);
    const url = /Gateway at (\S+):/.exec(first)![1]!;
    expect(await running.line((line) => line.includes("export ANTHROPIC_BASE_URL"))).toContain(
      `ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=`,
    );
    const reply = await clientOf(url).messages.create(question);
    expect(reply.content).toMatchObject([{ type: "text", text: "It is a pomegranate." }]);
    await running.line((line) => /^\d\d:\d\d:\d\d {2}\/v1\/messages {2}student {2}200 .* in [\d,]+ \(\d+ cached\) {2}out \d+/.test(line));
    const { code, stdout, stderr } = await stopped(running);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^1 request, [\d,]+ tokens in \([\d,]+ cached\), \d+ out$/m);
    expect(stdout + stderr).not.toMatch(/pomegranate|secret word/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("prints JSON lines, and nothing of a request but counts and times", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "It is a pomegranate." }] });
    const running = await listening(["--upstream", upstream.url, "--model", "student", "--profile", "native"], folder.path);
    await clientOf(running.url).messages.create(question);
    await running.line((line) => line.includes('"request"'));
    const { code, stdout, stderr } = await stopped(running);
    const lines = jsonLines(stdout);
    expect(code).toBe(0);
    expect(lines.map(({ event }) => event)).toEqual(["listening", "request", "stopped"]);
    expect(lines[0]).toMatchObject({ url: running.url, name: "student", profile: "native", contextTokens: 32_768, keys: null });
    expect(lines[1]).toMatchObject({ route: "/v1/messages", status: 200, error: null, keyId: null, outputTokens: expect.any(Number) });
    expect(lines[2]).toMatchObject({ requests: 1, failed: 0 });
    expect(stdout + stderr).not.toMatch(/pomegranate|secret word/);
  });

  it("lets an answer end when it is told to stop, and takes no new request", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({
      script: [{ content: "one two three four five six seven eight nine ten", tokensPerSecond: 20 }],
    });
    const running = await listening(["--upstream", upstream.url], folder.path);
    const stream = clientOf(running.url).messages.stream(question);
    const begun = new Promise<void>((done) => stream.once("text", () => done()));
    await begun;
    running.child.kill("SIGINT");
    const message = await stream.finalMessage();
    expect(message.content).toMatchObject([{ text: "one two three four five six seven eight nine ten" }]);
    expect((await running.finished).code).toBe(0);
    await expect(clientOf(running.url).messages.create(question)).rejects.toBeInstanceOf(Anthropic.APIConnectionError);
  });

  it("waits for a model server that is still loading, and knows the window then", async () => {
    await using folder = await scratch();
    const port = await closedPort();
    const running = await listening(["--upstream", `http://127.0.0.1:${port}`, "--model", "student"], folder.path);
    const models = async (): Promise<unknown> => (await fetch(`${running.url}/v1/models`)).json();
    expect(await models()).toMatchObject({ data: [{ id: "student" }] });
    const events: string[] = [];
    const stream = clientOf(running.url)
      .messages.stream(question)
      .on("streamEvent", ({ type }) => events.push(type));
    const thoughts = new Promise<string>((done) => stream.once("thinking", done));
    expect(await thoughts).not.toBe("");
    await using late = await startUpstream({ port, script: [{ content: "Here I am." }], contextTokens: 16_384 });
    const message = await stream.finalMessage();
    expect(late.chats).toHaveLength(1);
    expect(message.content.at(-1)).toMatchObject({ type: "text", text: "Here I am." });
    expect(await models()).toMatchObject({ data: [{ id: "student", max_model_len: 16_384 }] });
    const { code, stderr } = await stopped(running);
    expect(code).toBe(0);
    expect(stderr).toMatch(/does not answer: .* It may still be loading; requests wait until it answers\.\nnote: .* answers now\./);
  });

  it("captures only when it is told to, for nobody else to read", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "It is a pomegranate." }] });
    const running = await listening(["--upstream", upstream.url, "--capture", "captured"], folder.path);
    await clientOf(running.url).messages.create(question);
    await running.line((line) => line.includes('"request"'));
    await stopped(running);
    const [file] = await readdir(join(folder.path, "captured"));
    const path = join(folder.path, "captured", file!);
    expect(await readFile(path, "utf8")).toMatch(/secret word[\s\S]*pomegranate/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe("keys", () => {
  it("lets in who has one, by file or by variable, and counts limits by key", async () => {
    await using folder = await scratch();
    await using upstream = await startUpstream({ script: [{ content: "Yes." }] });
    const made = await serac(["gateway", "--new-key", "alice"], { cwd: folder.path });
    const [alice, , , , line] = made.stdout.split("\n");
    await writeFile(join(folder.path, "keys.yaml"), `${line}\n- { id: bob, keyEnv: BOB, revoked: true }\n`);
    const flags = ["--upstream", upstream.url, "--host", "0.0.0.0", "--keys", "keys.yaml", "--requests-per-minute", "2"];
    const running = await listening(flags, folder.path, { BOB: KEY });
    const url = running.url.replace("0.0.0.0", "127.0.0.1");
    const status = async (key: string): Promise<unknown> =>
      clientOf(url, key)
        .messages.create(question)
        .then(
          () => 200,
          (error: { readonly status?: number }) => error.status,
        );
    expect([await status(alice!), await status("wrong"), await status(KEY), await status(alice!), await status(alice!)]).toEqual([
      200, 401, 401, 200, 429,
    ]);
    const { stdout, stderr } = await stopped(running);
    const requests = jsonLines(stdout).filter(({ event }) => event === "request");
    expect(requests.map(({ keyId }) => keyId)).toContain("alice");
    for (const key of [alice!, KEY]) expect(stdout + stderr).not.toContain(key);
  });
});

describe("what is refused before it listens", () => {
  const refusal = async (flags: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    await using folder = await scratch();
    const { code, stdout, stderr } = await serac(["gateway", ...flags], { cwd: folder.path, env });
    expect({ code, stdout, left: await readdir(folder.path) }).toEqual({ code: 2, stdout: "", left: [] });
    return stderr;
  };

  it("no address, no model, another model, more than one", async () => {
    await using upstream = await startUpstream({ script: [{}], models: ["parcels-agent", "base"] });
    expect(await refusal([])).toMatch(/--upstream is missing.*\[usage\]\nhint: .*http/);
    expect(await refusal(["--upstream", upstream.url])).toMatch(/serves parcels-agent, base, so a model has to be named/);
    expect(await refusal(["--upstream", upstream.url, "--model", "parcel-agent"])).toMatch(
      /no model "parcel-agent".*\[upstream_model_unknown\]\nhint: Did you mean parcels-agent\?/,
    );
    const closed = `http://127.0.0.1:${await closedPort()}`;
    expect(await refusal(["--upstream", closed])).toMatch(/does not answer.*\[upstream_unreachable\]\nhint: .*--model/);
    expect(await refusal(["--upstream", closed, "--model", "m", "--require-upstream"])).toMatch(/\[upstream_unreachable\]/);
  });

  it("a model server that wants a key, and one that is none", async () => {
    await using upstream = await startUpstream({ script: [{}], apiKey: KEY });
    expect(await refusal(["--upstream", upstream.url])).toMatch(/wants a key.*\[upstream_auth\]/);
    const wrong = await refusal(["--upstream", upstream.url, "--upstream-key-env", "K"], { K: "another-key-altogether" });
    expect(wrong).toMatch(/does not take the key.*\[upstream_auth\]/);
    expect(wrong).not.toContain("another-key-altogether");
  });

  it("the whole network without keys, a port that is taken, a file of keys that is none", async () => {
    await using upstream = await startUpstream({ script: [{}] });
    expect(await refusal(["--upstream", upstream.url, "--host", "0.0.0.0"])).toMatch(/--host: without keys .*\nhint: .*--new-key/);
    const port = new URL(upstream.url).port;
    expect(await refusal(["--upstream", upstream.url, "--port", port])).toMatch(new RegExp(`--port: port ${port} is taken.*\\nhint:`));
    expect(await refusal(["--upstream", upstream.url, "--host", "203.0.113.7", "--key-env", "K"], { K: KEY })).toMatch(
      /--host: 203\.0\.113\.7 is no address of this machine/,
    );
    expect(await refusal(["--upstream", upstream.url, "--keys", "nope.yaml"])).toMatch(/nope\.yaml cannot be read.*\[keys_invalid\]/);
  });
});
