import fc from "fast-check";
import { expect, test } from "vitest";
import { listModels } from "../../../../cli/gateway/list-models.ts";
import { InputError } from "../../../../core/errors/index.ts";
import { type Upstream, UpstreamError, type UpstreamFailure } from "../../../../core/gateway/upstream/upstream.ts";

const target = { rootUrl: "http://gpu:8000", apiKey: null };
const asked: string[] = [];

function answering(status: number, body: string): Upstream {
  return {
    send: ({ method, path }) => {
      asked.push(`${method} ${path}`);
      return Promise.resolve({
        status,
        headers: new Headers(),
        body: (async function* () {
          yield Buffer.from(body);
        })(),
      });
    },
  };
}
const failing = (failure: UpstreamFailure): Upstream => ({ send: () => Promise.reject(new UpstreamError(failure, "It is so.")) });

test("names and windows as vLLM tells them", async () => {
  const data = [
    { id: "a", object: "model", max_model_len: 32_768 },
    { id: "b", max_model_len: null },
    { id: "c", max_model_len: "?" },
  ];
  expect(await listModels(answering(200, JSON.stringify({ object: "list", data })), target)).toEqual({
    kind: "models",
    models: [
      { id: "a", contextTokens: 32_768 },
      { id: "b", contextTokens: null },
      { id: "c", contextTokens: null },
    ],
  });
  expect(asked).toEqual(["GET /v1/models"]);
});

test.each([429, 502, 503, 504])("%d may pass", async (status) => {
  expect(await listModels(answering(status, ""), target)).toEqual({ kind: "silent", why: `it answers ${status}` });
});

test("no answer may pass, a certificate does not", async () => {
  expect(await listModels(failing("refused"), target)).toEqual({ kind: "silent", why: "It is so." });
  await expect(listModels(failing("tls"), target)).rejects.toMatchObject({ code: "upstream_rejected" });
});

test("a key that is wanted or not taken", async () => {
  await expect(listModels(answering(401, ""), target)).rejects.toMatchObject({
    code: "upstream_auth",
    message: expect.stringContaining("wants a key"),
  });
  await expect(listModels(answering(403, ""), { ...target, apiKey: "hunter22" })).rejects.toMatchObject({
    code: "upstream_auth",
    message: expect.not.stringContaining("hunter22"),
  });
});

test("whatever else answers there is refused", async () => {
  await expect(listModels(answering(404, "not here"), target)).rejects.toMatchObject({ code: "upstream_rejected" });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
      const found = await listModels(answering(200, body), target).catch((error: unknown) => error);
      const kind = found instanceof InputError ? found.code : typeof found === "object" && found !== null && "kind" in found && found.kind;
      expect(["upstream_rejected", "models"]).toContain(kind);
    }),
  );
});
