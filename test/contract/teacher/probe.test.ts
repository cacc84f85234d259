import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError, TeacherError } from "../../../core/errors/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import type { Script } from "./scripted-server.ts";
import { callOf, completion, json, scriptedServer, teacherConfig } from "./scripted-server.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

const model = (id: string, more: object = {}): unknown => ({ id, object: "model", ...more });

async function probe(script: Script, apiKey?: string) {
  await using server = await scriptedServer(script);
  const teacher = createOpenAiTeacher({ config: teacherConfig(server.url), ...(apiKey === undefined ? {} : { apiKey }) });
  try {
    const outcome = await teacher.probe().then(
      (found) => ({ found, error: null }),
      (error: unknown) => ({ found: null, error }),
    );
    return { ...outcome, received: server.received.map(({ method, path, body }) => ({ method, path, body })) };
  } finally {
    await teacher.close();
  }
}

/** Lists the models, and answers completions as told. */
const listing =
  (models: readonly unknown[], chat: Script): Script =>
  (response, request, number) => {
    if (request.method === "GET") return json(response, 200, { object: "list", data: models });
    return chat(response, request, number);
  };

function inputError(error: unknown): InputError {
  expect(error).toBeInstanceOf(InputError);
  if (!(error instanceof InputError)) throw error;
  expect(error.hint).toMatch(/\w/);
  return error;
}

describe("probe", () => {
  it("asks for one token with a tool, and reports the window", async () => {
    const { found, received } = await probe(
      listing([model("other"), model("m", { max_model_len: 40960 })], (response) => json(response, 200, completion({ content: "o" }))),
    );
    expect(found).toEqual({ model: "m", rehearsal: false, contextTokens: 40960 });
    expect(received.map(({ path }) => path)).toEqual(["/v1/models", "/v1/chat/completions"]);
    expect(received[1]?.body).toMatchObject({ model: "m", max_tokens: 1, tools: [{ type: "function" }] });
  });

  it("does without a list of models, and with a model that is not on it", async () => {
    const chat: Script = (response, { method }) =>
      method === "GET" ? json(response, 404, { detail: "Not Found" }) : json(response, 200, completion({ content: "o" }));
    expect((await probe(chat)).found).toEqual({ model: "m", rehearsal: false, contextTokens: null });
    expect((await probe(listing([model("other")], (response) => json(response, 200, completion({ content: "o" }))))).found).toMatchObject({
      model: "m",
    });
  });

  it("pays nothing to the rehearsal teacher", async () => {
    const rehearsal = await startRehearsalTeacher({ seed: 1, contextTokens: 32_768, apiKey: "k" });
    const teacher = createOpenAiTeacher({ config: teacherConfig(rehearsal.url, { model: rehearsal.model }), apiKey: "k" });
    expect(await teacher.probe()).toEqual({ model: "rehearsal", rehearsal: true, contextTokens: 32_768 });
    expect(rehearsal.stats().requests).toBe(0);
    const stranger = createOpenAiTeacher({ config: teacherConfig(rehearsal.url, { model: rehearsal.model }), apiKey: "wrong" });
    await expect(stranger.probe()).rejects.toMatchObject({ code: "teacher_auth" });
    await Promise.all([teacher.close(), stranger.close(), rehearsal.close()]);
  });

  it("finds a wrong key, also where the list needs none", async () => {
    const refuse: Script = (response) => json(response, 401, { error: { message: "bad key sk-x" } });
    for (const script of [refuse, listing([model("m")], refuse)]) {
      const error = inputError((await probe(script, "sk-x")).error);
      expect(error.code).toBe("teacher_auth");
      expect(error.hint).toContain("apiKeyEnv");
      expect(error.message).not.toContain("sk-x");
    }
  });

  it("names the models that are there when the wanted one is not", async () => {
    const { error } = await probe(
      listing([model("a-model"), model("b-model")], (response) =>
        json(response, 404, { error: { message: "The model `m` does not exist." } }),
      ),
    );
    expect(inputError(error)).toMatchObject({
      code: "teacher_model_unknown",
      message: 'The teacher does not know the model "m". It has: a-model, b-model.',
    });
  });

  it("finds a server that was started without tool calls", async () => {
    const chat: Script = (response) =>
      json(response, 400, { error: { message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set' } });
    const error = inputError((await probe(listing([model("m")], chat))).error);
    expect([error.code, error.hint]).toEqual(["teacher_rejected", expect.stringContaining("--enable-auto-tool-choice")]);
  });

  it("finds a base URL that leads nowhere, or to something else", async () => {
    expect(inputError((await probe((response) => json(response, 404, { detail: "Not Found" }))).error)).toMatchObject({
      code: "teacher_rejected",
      hint: expect.stringContaining("/v1"),
    });
    expect(inputError((await probe((response) => void response.end("<html>router</html>"))).error).code).toBe("teacher_bad_reply");
    const nobody = createOpenAiTeacher({ config: teacherConfig("http://127.0.0.1:1/v1") });
    await expect(nobody.probe()).rejects.toMatchObject({ code: "teacher_connection", name: "InputError" });
    await nobody.close();
  });

  it("lets a busy teacher pass, and one that cannot stop after one token", async () => {
    const busy: Script = (response) => json(response, 429, { error: { message: "slow down" } });
    const thinking: Script = (response) =>
      json(response, 400, { error: { message: "Could not finish the message because max_tokens or model output limit was reached." } });
    for (const chat of [busy, thinking]) expect((await probe(listing([model("m")], chat))).found).toMatchObject({ model: "m" });
    const broken: Script = (response) => json(response, 500, { error: { message: "CUDA error" } });
    expect(inputError((await probe(listing([model("m")], broken))).error).code).toBe("teacher_server");
  });

  it("can be aborted", async () => {
    await using server = await scriptedServer(() => {});
    const teacher = createOpenAiTeacher({ config: teacherConfig(server.url) });
    const controller = new AbortController();
    const asked = teacher.probe(controller.signal);
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: "interrupted" });
    await teacher.close();
  });
});

describe("TLS", () => {
  let folder = "";
  let own: { key: string; cert: string } = { key: "", cert: "" };
  beforeAll(() => {
    folder = temporaryFolder();
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=127.0.0.1",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    ];
    execFileSync("openssl", [...request, "-keyout", key, "-out", cert], { stdio: "ignore" });
    own = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  });
  afterAll(() => removeFolderSync(folder));

  it("is refused for a self-signed certificate, and the message says how to trust it", async () => {
    await using server = await scriptedServer((response) => json(response, 200, completion({ content: "a" })), own);
    const teacher = createOpenAiTeacher({ config: teacherConfig(server.url) });
    const error = inputError(await teacher.probe().catch((thrown: unknown) => thrown));
    expect([error.code, error.message]).toEqual(["teacher_tls", expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT")]);
    expect(error.hint).toContain("NODE_EXTRA_CA_CERTS");
    const thrown: unknown = await teacher.chat(callOf()).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(TeacherError);
    expect(thrown).toMatchObject({ code: "teacher_tls", isRetryable: false });
    await teacher.close();
  });

  it("works as the hint says", async () => {
    await using server = await scriptedServer((response) => json(response, 200, completion({ content: "trusted" })), own);
    const cert = join(folder, "cert.pem");
    const script = join(folder, "ask.ts");
    const driver = new URL("../../../drivers/openai/index.ts", import.meta.url).href;
    writeFileSync(
      script,
      `import { createOpenAiTeacher } from ${JSON.stringify(driver)};
const teacher = createOpenAiTeacher({ config: ${JSON.stringify(teacherConfig(server.url))} });
const reply = await teacher.chat(${JSON.stringify(callOf())});
process.stdout.write(reply.message.content);
await teacher.close();`,
    );
    const { execFile } = await import("node:child_process");
    const said = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [script], { env: { ...process.env, NODE_EXTRA_CA_CERTS: cert } }, (error, stdout) =>
        error === null ? resolve(stdout) : reject(error),
      );
    });
    expect(said).toBe("trusted");
  });

  it("is named when an http server is asked for https", async () => {
    await using server = await scriptedServer((response) => json(response, 200, {}));
    const teacher = createOpenAiTeacher({ config: teacherConfig(server.url.replace("http:", "https:")) });
    const error = inputError(await teacher.probe().catch((thrown: unknown) => thrown));
    expect([error.code, error.hint]).toEqual(["teacher_tls", expect.stringContaining("http://")]);
    await teacher.close();
  });

  it("is named when the certificate is for another host", async () => {
    await using server = await scriptedServer((response) => json(response, 200, {}), own);
    const teacher = createOpenAiTeacher({ config: teacherConfig(server.url.replace("127.0.0.1", "localhost")) });
    expect(inputError(await teacher.probe().catch((thrown: unknown) => thrown)).code).toBe("teacher_tls");
    await teacher.close();
  });
});
