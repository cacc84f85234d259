import { Writable } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPrinter } from "../../../cli/printer.ts";
import { BOARD_ROWS, boardRows } from "../../../cli/progress/board-rows.ts";
import { startProgress } from "../../../cli/progress/index.ts";
import { progressLine } from "../../../cli/progress/lines.ts";
import {
  doneOf,
  EMPTY_TALLY,
  RATE_WINDOW_MS,
  samplesPerMinute,
  type Tally,
  tallied,
  tallyOf,
  timeLeftMs,
} from "../../../cli/progress/tally.ts";
import type { RunEvent } from "../../../core/svg/events.ts";
import { SAMPLE_REASONS, SAMPLE_STATES } from "../../../core/svg/sample.ts";
import { createRedactor } from "../../../core/config/redactor.ts";
import { runSummary } from "./run-summary.ts";
import { silentIo } from "./silent-io.ts";

const score = (recall: number) => ({ recall, precision: 1, matched: 1, targetLines: 1, candidateLines: 1, recallSera: null });

const sampleEvent: fc.Arbitrary<RunEvent> = fc
  .tuple(
    fc.constantFrom(...SAMPLE_STATES),
    fc.constantFrom(null, ...SAMPLE_REASONS),
    fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, noNaN: true }).map(score)),
  )
  .map(([state, reason, scored]) => ({ event: "sample", sampleId: "s", functionId: "f", state, reason, score: scored }));

const otherEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.constantFrom("snapshot", "install", "survey", "plan", "rollouts", "export").map((stage) => ({ event: "stage" as const, stage })),
  fc.nat(100_000).map((samples) => ({ event: "planned" as const, samples, requested: samples })),
  fc.constant({ event: "step" as const, sampleId: "s", rolloutId: "r", steps: 1, costMicroUsd: 1 }),
  fc.string().map((message) => ({ event: "warning" as const, message })),
);

const folded = (events: readonly RunEvent[]): Tally =>
  events.reduce((tally, event, index) => tallied(tally, event, index * 100), EMPTY_TALLY);

test("the tally is what counting the events gives", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(sampleEvent, otherEvent)), (events) => {
      const tally = folded(events);
      const final = events
        .filter((event) => event.event === "sample")
        .filter(({ state }) => ["accepted", "rejected", "failed"].includes(state));
      expect(doneOf(tally)).toBe(final.length);
      expect(tally.accepted).toBe(final.filter(({ state }) => state === "accepted").length);
      expect([...tally.reasons.values()].reduce((sum, samples) => sum + samples, 0)).toBe(
        final.filter(({ reason }) => reason !== null).length,
      );
      expect(tally.scored).toBe(final.filter((event) => event.score !== null).length);
      expect(tally.steps).toBe(events.filter(({ event }) => event === "step").length);
    }),
  );
});

test("no row is wider than the terminal, whatever its width", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(sampleEvent, otherEvent)), fc.integer({ min: 1, max: 200 }), fc.boolean(), (events, columns, color) => {
      const tally = { ...folded(events), runId: "a-rather-long-name-of-a-run-20261121-101500-a1b2", sandbox: "bubblewrap" };
      const rows = boardRows(tally, { startedMs: 0, nowMs: 5000 }, { columns, color });
      expect(rows).toHaveLength(BOARD_ROWS);
      // oxlint-disable-next-line no-control-regex -- colours take no room
      for (const row of rows) expect(row.replaceAll(/\u001B\[\d+m/g, "").length).toBeLessThan(Math.max(columns, 1));
    }),
  );
});

test("a plan that is shorter than was asked for is told of", async () => {
  let printed = "";
  const stream = new Writable({ write: (chunk, _encoding, done) => ((printed += String(chunk)), done()) });
  const progress = startProgress({ ...silentIo(), err: createPrinter(stream, createRedactor()) }, EMPTY_TALLY, true);
  progress.onEvent({ event: "planned", samples: 5, requested: 5 });
  expect(printed).toBe("");
  progress.onEvent({ event: "planned", samples: 5, requested: 2000 });
  expect(printed).toContain("5 of 2,000 samples can be planned");
});

test("a stage is said once", () => {
  const line = progressLine({ ...EMPTY_TALLY, stage: "rollouts" }, 0, 1000);
  expect(line.match(/rollouts/g)).toHaveLength(1);
});

test("colours only when they are wanted", () => {
  const rows = boardRows(EMPTY_TALLY, { startedMs: 0, nowMs: 0 }, { columns: 80, color: false });
  expect(rows.join("")).not.toContain("\u001B");
});

test("rate and time left come from what was done lately", () => {
  const done: RunEvent = { event: "sample", sampleId: "s", functionId: "f", state: "accepted", reason: null, score: null };
  let tally = tallied(EMPTY_TALLY, { event: "planned", samples: 100, requested: 100 }, 0);
  expect(samplesPerMinute(tally, 0, 60_000)).toBeNull();
  for (let at = 1; at <= 10; at += 1) tally = tallied(tally, done, at * 6000);
  expect(samplesPerMinute(tally, 0, 60_000)).toBe(10);
  expect(timeLeftMs(tally, 0, 60_000)).toBe(9 * 60_000);
  expect(samplesPerMinute(tally, 0, 60_000 + RATE_WINDOW_MS)).toBeNull();
});

test("a run that is resumed begins with what it had", () => {
  const summary = runSummary({
    planned: 20,
    accepted: 5,
    rejected: 2,
    failed: 1,
    counts: [
      { state: "accepted", reason: null, samples: 5 },
      { state: "rejected", reason: "low_recall", samples: 2 },
      { state: "failed", reason: "environment", samples: 1 },
    ],
    recallHistogram: [2, 0, 0, 0, 0, 0, 0, 0, 0, 5],
    recallMean: 0.7,
  });
  const tally = tallyOf(summary);
  expect(doneOf(tally)).toBe(8);
  expect(progressLine({ ...tally, stage: "rollouts" }, 0, 1000)).toBe(
    "rollouts · 8/20 samples · accepted 5 · rejected 2 · failed 1 (low_recall 2, environment 1) · recall 0.70 · 12 calls · spent $0.25 of $10.00",
  );
});
