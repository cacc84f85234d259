import { describe, expect, expectTypeOf, test } from "vitest";
import { GATEWAY_PROFILES, gatewaySettings, type GATEWAY_THINKING } from "../../../core/config/cloud/gateway.ts";
import { InputError } from "../../../core/errors/index.ts";
import { PROFILES } from "../../../core/gateway/profiles/names.ts";
import type { ServedModel } from "../../../core/gateway/served-model.ts";
import { createSecretEndpoint } from "../../../lambdas/gateway/endpoint.ts";
import { servedModelOf } from "../../../lambdas/gateway/served.ts";

const served = (settings: object): ServedModel => {
  const [model] = gatewaySettings.parse({ models: [{ name: "qwen", url: "http://gpu:8000", ...settings }] }).models;
  return servedModelOf(model!);
};

describe("models of the stack's settings", () => {
  test("are told in the gateway's own words", () => {
    expect(GATEWAY_PROFILES).toEqual(PROFILES);
    expectTypeOf<(typeof GATEWAY_THINKING)[number]>().toEqualTypeOf<ServedModel["thinking"]>();
  });

  test("what is left out is unknown, not zero", () => {
    expect(served({})).toMatchObject({
      upstreamName: "qwen",
      contextTokens: null,
      maxOutputTokens: null,
      sampling: { temperature: null, topP: null, topK: null },
      escapesReserved: true,
    });
    expect(served({ temperature: 0, topK: 0, upstreamName: "q" })).toMatchObject({
      upstreamName: "q",
      sampling: { temperature: 0, topK: 0 },
    });
  });

  test("a model of others has never seen an escape", () => {
    expect(served({ profile: "native" }).escapesReserved).toBe(false);
  });
});

describe("a model server whose key is a secret", () => {
  const signal = AbortSignal.timeout(60_000);
  const endpoint = (readKey: (() => Promise<string>) | null) => createSecretEndpoint({ rootUrl: "http://gpu:8000", readKey });

  test("is ready with it", async () => {
    expect(await endpoint(() => Promise.resolve("sk-1")).state(signal)).toEqual({
      state: "ready",
      target: { rootUrl: "http://gpu:8000", apiKey: "sk-1" },
    });
    expect(await endpoint(null).state(signal)).toMatchObject({ state: "ready", target: { apiKey: null } });
  });

  test("a secret that is missing is told to clients without its name", async () => {
    const state = await endpoint(() => Promise.reject(new InputError("secret_missing", "There is no secret serac/qwen."))).state(signal);
    expect(state).toMatchObject({ state: "failed", retryAfterSeconds: 30 });
    expect(JSON.stringify(state)).not.toContain("serac/qwen");
  });

  test("a fault of the code is one", async () => {
    await expect(endpoint(() => Promise.reject(new TypeError("oops"))).state(signal)).rejects.toThrow("oops");
  });
});
