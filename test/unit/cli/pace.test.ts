import { expect, test } from "vitest";
import { NO_PACE, paceOf } from "../../../cli/pace.ts";
import { resolveConfig } from "../../../core/config/resolve.ts";
import type { SampleRecord } from "../../../core/svg/sample.ts";
import type { RunRecord, RunStore } from "../../../core/svg/store.ts";

const START = Date.parse("2026-11-21T10:00:00Z");
const MINUTE = 60_000;

const run: RunRecord = {
  id: "r",
  name: "r",
  config: resolveConfig([]),
  repository: "/srv/r",
  commit: null,
  state: "running",
  detail: null,
  rehearsal: false,
  sandbox: null,
  planned: 3000,
  functions: 1,
  createdAt: new Date(START).toISOString(),
  updatedAt: new Date(START).toISOString(),
};

const sample = (index: number, atMs: number): SampleRecord => ({
  id: `r-s${index}`,
  runId: "r",
  index,
  function: { id: "a::b", path: "a", name: "b", language: "python", startLine: 1, endLine: 1, lines: 1 },
  kinds: ["general"],
  replica: 0,
  seed: 1,
  state: "accepted",
  reason: null,
  detail: null,
  attempts: 1,
  firstRolloutId: null,
  firstAccepted: true,
  pullRequest: null,
  secondRolloutId: null,
  score: null,
  costMicroUsd: 0,
  updatedAt: new Date(atMs).toISOString(),
});

/** A store that pages as the port says. */
const storeOf = (times: readonly number[]): Pick<RunStore, "listSamples"> => ({
  listSamples: (_runId, { afterIndex = -1, limit }) =>
    Promise.resolve(times.map((at, index) => sample(index, at)).slice(afterIndex + 1, afterIndex + 1 + limit)),
});

test("the last ten minutes count, over as many pages as there are", async () => {
  const now = START + 60 * MINUTE;
  const times = Array.from({ length: 1500 }, (_, index) => (index < 1400 ? START : now - 5 * MINUTE));
  expect(await paceOf(storeOf(times), run, now)).toEqual({ samplesPerMinute: 10, etaSeconds: 9000 });
});

test("a young run counts from its beginning", async () => {
  expect(await paceOf(storeOf([START + MINUTE, START + MINUTE]), run, START + 2 * MINUTE)).toEqual({
    samplesPerMinute: 1,
    etaSeconds: 2998 * 60,
  });
});

test("nothing finished lately is no pace", async () => {
  expect(await paceOf(storeOf([]), run, START + MINUTE)).toEqual(NO_PACE);
  expect(await paceOf(storeOf([START]), run, START + 60 * MINUTE)).toEqual(NO_PACE);
  expect(await paceOf(storeOf([START]), run, START)).toEqual(NO_PACE);
});
