import { expect, test } from "vitest";
import type { ModelList } from "../../../../cli/gateway/list-models.ts";
import { createUpstreamEndpoint } from "../../../../cli/gateway/upstream-endpoint.ts";
import { InputError } from "../../../../core/errors/index.ts";

const target = { rootUrl: "http://gpu:8000", apiKey: null };
const signal = new AbortController().signal;
const MINUTE_MS = 60_000;

function world() {
  const state = {
    nowMs: 0,
    asked: 0,
    ready: [] as unknown[],
    answer: (): Promise<ModelList> => Promise.resolve({ kind: "silent", why: "refused" }),
  };
  const endpoint = createUpstreamEndpoint({
    target,
    wish: { name: "student", isUnlistedFine: false },
    list: () => {
      state.asked += 1;
      return state.answer();
    },
    onReady: (model) => state.ready.push(model),
    clock: { now: () => state.nowMs, sleep: () => Promise.resolve() },
  });
  return { state, endpoint };
}

test("a server that loads is warming, then ready, and the window is told once", async () => {
  const { state, endpoint } = world();
  expect(await endpoint.state(signal)).toEqual({ state: "warming", stage: "weights", elapsedMs: 0, usualMs: null });
  state.nowMs = 5000;
  expect(await endpoint.state(signal)).toMatchObject({ state: "warming", elapsedMs: 5000 });
  state.answer = () => Promise.resolve({ kind: "models", models: [{ id: "student", contextTokens: 32_768 }] });
  state.nowMs = 10_000;
  for (let times = 0; times < 3; times += 1) expect(await endpoint.state(signal)).toEqual({ state: "ready", target });
  expect(state.ready).toEqual([{ id: "student", contextTokens: 32_768 }]);
  expect(state.asked).toBe(3);
});

test("requests that wait share one question", async () => {
  const { state, endpoint } = world();
  const answered = Promise.withResolvers<ModelList>();
  state.answer = () => answered.promise;
  const waiting = Array.from({ length: 50 }, () => endpoint.state(signal));
  state.nowMs = 5000;
  waiting.push(endpoint.state(signal));
  answered.resolve({ kind: "silent", why: "refused" });
  await Promise.all(waiting);
  expect(state.asked).toBe(1);
  await endpoint.state(signal);
  expect(state.asked).toBe(1);
});

test("a server without the model, one that wants a key, and one that never comes, have failed", async () => {
  const { state, endpoint } = world();
  state.answer = () => Promise.resolve({ kind: "models", models: [{ id: "other", contextTokens: null }] });
  expect(await endpoint.state(signal)).toMatchObject({ state: "failed", message: expect.stringContaining('no model "student"') });
  state.nowMs = 5000;
  state.answer = () => Promise.reject(new InputError("upstream_auth", "It wants a key."));
  expect(await endpoint.state(signal)).toMatchObject({ state: "failed", message: "It wants a key." });
  state.nowMs = 31 * MINUTE_MS;
  state.answer = () => Promise.resolve({ kind: "silent", why: "refused" });
  expect(await endpoint.state(signal)).toMatchObject({ state: "failed", message: expect.stringContaining("refused") });
  state.nowMs = 32 * MINUTE_MS;
  state.answer = () => Promise.resolve({ kind: "models", models: [{ id: "student", contextTokens: null }] });
  expect(await endpoint.state(signal)).toEqual({ state: "ready", target });
});
