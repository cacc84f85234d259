import fc from "fast-check";
import { expect, test } from "vitest";
import { configSchema } from "../../../core/config/schema.ts";
import { costOf } from "../../../core/training/cost.ts";
import type { JobAttempt, JobReport } from "../../../core/training/jobs.ts";
import { OPEN_MODEL_STATES, type ModelRecord } from "../../../core/training/model.ts";
import { movedBy } from "../../../core/training/moved-by.ts";
import { newModel } from "../../../core/training/new-model.ts";
import type { TrainingResult } from "../../../core/training/read-events.ts";

const CHOICE = { machine: "p4d.24xlarge", nodes: 1, capacity: "on-demand", gpus: 8, sequenceParallel: 1 } as const;
const HOUR = 3600_000;

const model = (change: Partial<ModelRecord> = {}): ModelRecord => ({
  ...newModel({
    id: "m",
    name: "m",
    runId: "r",
    repository: ".",
    commit: null,
    config: configSchema.parse({ train: {} }).train!,
    nowMs: 0,
  }),
  state: "waiting",
  machine: CHOICE,
  job: { jobId: "j", attempts: 0 },
  ...change,
});

const report = (change: Partial<JobReport> = {}): JobReport => ({
  state: "waiting",
  reason: null,
  attempts: [],
  capacity: null,
  ...change,
});
const attempt = (startedAtMs: number, stoppedAtMs: number | null, change: Partial<JobAttempt> = {}): JobAttempt => ({
  startedAtMs,
  stoppedAtMs,
  exitCode: null,
  reason: null,
  ...change,
});

const PUBLISHED: TrainingResult = {
  event: "published",
  at: "2026-01-01T00:00:00Z",
  steps: 1,
  tokens: 1,
  trainedTokens: 1,
  firstLoss: 2,
  lastLoss: 1,
  heldOutLossBefore: null,
  heldOutLoss: null,
  trainSeconds: 1,
  gates: [],
  files: 1,
  bytes: 1,
  templateSha256: "t",
  tokenizerSha256: "t",
};
const FAILED: TrainingResult = {
  event: "failed",
  at: "2026-01-01T00:00:00Z",
  code: "loss_not_finite",
  message: "NaN at step 3",
  hint: "lower it",
};

test("a job on its way moves its model, and the same look again changes nothing", () => {
  const running = report({ state: "running", attempts: [attempt(0, null)] });
  const change = movedBy(model(), running, null, HOUR)!;
  expect(change).toEqual({ state: "training", detail: null, job: { jobId: "j", attempts: 1 }, costMicroUsd: 21_957_600 });
  expect(movedBy(model(change), running, null, HOUR)).toBeNull();
});

test("a spot machine that was taken back has the model wait again, and a look from before that changes nothing", () => {
  const training = model({ state: "training", job: { jobId: "j", attempts: 2 }, costMicroUsd: 10 ** 12 });
  const waits = report({ reason: "Host EC2 terminated", attempts: [attempt(0, HOUR), attempt(HOUR, 2 * HOUR)] });
  expect(movedBy(training, waits, null, 3 * HOUR)).toEqual({ state: "waiting", detail: "Host EC2 terminated" });
  expect(movedBy(training, report({ attempts: [attempt(0, HOUR)] }), null, 3 * HOUR)).toBeNull();
});

test("the trainer's word counts, not how its job ended", () => {
  const crashed = report({ state: "failed", reason: "Essential container exited", attempts: [attempt(0, HOUR, { exitCode: 139 })] });
  expect(movedBy(model(), crashed, PUBLISHED, HOUR)).toMatchObject({ state: "ready", result: PUBLISHED, code: null });
  expect(movedBy(model(), report({ state: "succeeded" }), FAILED, HOUR)).toEqual({
    state: "failed",
    code: "loss_not_finite",
    detail: "NaN at step 3",
    hint: "lower it",
  });
});

test.each([
  ["Job attempt duration exceeded timeout", /train\.maxHours \(48\)/],
  ["CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", /no p4d\.24xlarge to give.*block/],
  ["MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", /quota/],
  ["OutOfMemoryError: Container killed due to memory usage", /smaller train\.contextTokens/],
  ["CannotPullContainerError: no basic auth", /registry/],
  ["Host EC2 (instance i-0) terminated.", /on-demand/],
  ["something new", /log/],
])("without a word of the trainer, %s says what to do", (reason, hint) => {
  const change = movedBy(model(), report({ state: "failed", reason }), null, HOUR)!;
  expect(change).toMatchObject({ state: "failed", code: "training_failed", detail: expect.stringContaining(reason) });
  expect(change.hint).toMatch(hint);
});

test("a job that is gone, or that ended well without a result, has failed", () => {
  expect(movedBy(model(), report({ state: "gone" }), null, 0)).toMatchObject({ state: "failed", code: "training_failed" });
  expect(movedBy(model(), report({ state: "succeeded" }), null, 0)).toMatchObject({
    state: "failed",
    detail: expect.stringContaining("no result"),
  });
});

test("of a cancelled model, what its job still cost is taken in, and nothing else", () => {
  const cancelled = model({ state: "cancelled", costMicroUsd: 1 });
  const ended = report({ state: "failed", reason: "Terminated", attempts: [attempt(0, HOUR)] });
  expect(movedBy(cancelled, ended, null, 9 * HOUR)).toEqual({ job: { jobId: "j", attempts: 1 }, costMicroUsd: 21_957_600 });
});

test("machines of the other queue have its price; a try that began costs a minute at least, one that did not costs nothing", () => {
  const spot = { ...CHOICE, capacity: "spot" } as const;
  expect(costOf([attempt(0, HOUR)], spot, 0)).toBe(12_500_000);
  expect(costOf([attempt(0, 1)], CHOICE, 0)).toBe(Math.round((21.9576 / 60) * 1e6));
  expect(costOf([{ ...attempt(0, null), startedAtMs: null }], CHOICE, HOUR)).toBe(0);
  expect(costOf([attempt(0, HOUR), attempt(HOUR, 2 * HOUR)], { ...CHOICE, nodes: 2 }, 0)).toBe(4 * 21_957_600);
  expect(movedBy(model({ machine: spot }), report({ capacity: "on-demand", attempts: [attempt(0, HOUR)] }), null, 0)).toMatchObject({
    costMicroUsd: 21_957_600,
  });
});

interface Moment {
  readonly report: JobReport;
  readonly result: TrainingResult | null;
}

/** A life of a job: tries that a machine's end cuts short, and the last one, which ends it. */
const lives = fc
  .record({
    tries: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom<[JobReport["state"], TrainingResult | null]>(
      ["succeeded", PUBLISHED],
      ["failed", FAILED],
      ["failed", null],
      ["succeeded", null],
      ["gone", null],
      ["failed", PUBLISHED],
    ),
  })
  .map(({ tries, end: [state, result] }): readonly Moment[] => {
    const moments: Moment[] = [{ report: report(), result: null }];
    const done: JobAttempt[] = [];
    let now = 0;
    for (const minutes of tries) {
      moments.push({ report: report({ state: "starting", attempts: [...done] }), result: null });
      moments.push({ report: report({ state: "running", attempts: [...done, attempt(now, null)] }), result: null });
      done.push(attempt(now, now + minutes * 60_000, { reason: "Host EC2" }));
      now += minutes * 60_000;
      moments.push({ report: report({ reason: "Host EC2", attempts: [...done] }), result: null });
    }
    return [...moments, { report: report({ state, attempts: [...done] }), result }];
  });

test("looks in any order, twice, or never: an end is an end, cost only grows, and the job's end is the model's", () => {
  const looks = lives.chain((life) => fc.tuple(fc.constant(life), fc.array(fc.nat(life.length - 1), { maxLength: 30 })));
  const outside = fc.option(fc.record({ at: fc.nat(30), state: fc.constantFrom("cancelled" as const, "failed" as const) }), { nil: null });
  fc.assert(
    fc.property(looks, outside, ([life, order], ended) => {
      const nowMs = 5000 * 60_000;
      let now = model();
      const end = life.at(-1)!;
      for (const [at, index] of [...order, life.length - 1, ...order, life.length - 1].entries()) {
        if (ended?.at === at && OPEN_MODEL_STATES.includes(now.state)) now = { ...now, state: ended.state };
        const { report: seen, result } = life[index]!;
        const change = movedBy(now, seen, result, nowMs);
        const next: ModelRecord = { ...now, ...change };
        expect(next.costMicroUsd ?? 0).toBeGreaterThanOrEqual(now.costMicroUsd ?? 0);
        expect(next.job!.attempts).toBeGreaterThanOrEqual(now.job!.attempts);
        expect(OPEN_MODEL_STATES.includes(now.state) || (next.state === now.state && next.result === now.result)).toBe(true);
        now = next;
      }
      const wasEnded = ended !== null && !["ready"].includes(now.state) && now.state === ended.state;
      const expected = end.result?.event === "published" ? "ready" : "failed";
      expect(wasEnded || now.state === expected).toBe(true);
      expect(now.costMicroUsd ?? 0).toBeGreaterThanOrEqual(costOf(end.report.attempts, CHOICE, nowMs));
      expect(movedBy(now, end.report, end.result, nowMs)).toBeNull();
    }),
    { numRuns: 300 },
  );
});
