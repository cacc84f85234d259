import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configSchema } from "../../../core/config/schema.ts";
import { standingOf } from "../../../core/control/faults.ts";
import { FAULTS_IN_A_ROW, isTooLong, rowAfter, type Standing } from "../../../core/svg/pipeline/fault-row.ts";
import type { SampleReason, SampleState } from "../../../core/svg/sample.ts";

const withWorkers = (concurrency: number) => configSchema.parse({ teacher: { baseUrl: "http://127.0.0.1:9/v1", model: "m", concurrency } });

/** Lengths of the rows that are seen at each fault. */
function rowsOf(standings: readonly Standing[]): number[] {
  let start: Standing = { faults: 0, progress: [] };
  return standings.map((now) => {
    const row = rowAfter(start, now);
    start = row.start;
    return row.inARow;
  });
}

describe("faults in a row", () => {
  it("are those since anything came to something, however much else went on in between", () => {
    const between = fc.array(fc.record({ progress: fc.tuple(fc.nat(2), fc.nat(2)), faults: fc.integer({ min: 1, max: 3 }) }));
    fc.assert(
      fc.property(between, (steps) => {
        const standings: Standing[] = [];
        const expected: number[] = [];
        let at: Standing = { faults: 0, progress: [0, 0] };
        for (const { progress, faults } of steps) {
          at = { faults: at.faults + faults, progress: at.progress.map((count, mark) => count + progress[mark]!) };
          standings.push(at);
          expected.push(progress.some((count) => count > 0) ? 1 : (expected.at(-1) ?? 0) + faults);
        }
        expect(rowsOf(standings)).toEqual(expected);
      }),
    );
  });

  it("begin anew when failed samples are tried again", () => {
    const at = (faults: number): Standing => ({ faults, progress: [3] });
    expect(rowsOf([at(4), at(5), at(2), at(3)])).toEqual([1, 2, 1, 2]);
  });

  it("are too many from five on, or from a twentieth of the workers on", () => {
    const start: Standing = { faults: 0, progress: [0] };
    const isTooLongFor = (inARow: number, workers: number) => isTooLong({ start, inARow }, withWorkers(workers));
    expect([isTooLongFor(FAULTS_IN_A_ROW - 1, 1), isTooLongFor(FAULTS_IN_A_ROW, 1), isTooLongFor(FAULTS_IN_A_ROW, 100)]).toEqual([
      false,
      true,
      true,
    ]);
    expect([isTooLongFor(49, 1000), isTooLongFor(50, 1000)]).toEqual([false, true]);
  });
});

type Step = "begin" | "judge" | "accept" | "reject" | "fail first" | "fail second";

/** A run whose samples take steps; what is told is what the store counts. */
function counted(steps: readonly Step[]) {
  const samples = new Map<string, number>([["planned/", 1000]]);
  const move = (from: string, to: string): boolean => {
    const left = samples.get(from) ?? 0;
    if (left === 0) return false;
    samples.set(from, left - 1);
    samples.set(to, (samples.get(to) ?? 0) + 1);
    return true;
  };
  const standing = (): Standing =>
    standingOf(
      [...samples].map(([key, count]) => {
        const [state, reason] = key.split("/") as [SampleState, SampleReason | ""];
        return { state, reason: reason === "" ? null : reason, samples: count };
      }),
    );
  const moves: Record<Step, () => boolean> = {
    begin: () => move("planned/", "first/"),
    judge: () => move("first/", "judged/"),
    accept: () => move("judged/", "accepted/"),
    reject: () => move("first/", "rejected/no_change"),
    "fail first": () => move("first/", "failed/environment"),
    "fail second": () => move("judged/", "failed/teacher_unreachable"),
  };
  return steps.flatMap((step) => (moves[step]() ? [{ step, standing: standing() }] : []));
}

/** What an onlooker who misses nothing says at each fault. */
function exactRows(steps: readonly Step[]): { readonly inARow: number; readonly isBehindAnEnd: boolean }[] {
  const rows: { readonly inARow: number; readonly isBehindAnEnd: boolean }[] = [];
  let inARow = 0;
  let isBehindAnEnd = false;
  for (const step of steps) {
    if (isFault(step)) {
      inARow += 1;
      rows.push({ inARow, isBehindAnEnd });
      isBehindAnEnd = false;
    } else if (step !== "begin") {
      inARow = 0;
      isBehindAnEnd ||= step !== "judge";
    }
  }
  return rows;
}

const isFault = (step: Step): boolean => step.startsWith("fail");

describe("faults in a row, by the counts of the store", () => {
  const life = fc.array(fc.constantFrom<Step[]>("begin", "begin", "judge", "accept", "reject", "fail first", "fail second"), {
    minLength: 10,
    maxLength: 80,
  });

  it("are all seen when nothing else comes to anything, and none when a sample ended in between", () => {
    fc.assert(
      fc.property(life, (steps) => {
        const taken = counted(steps);
        const rows = rowsOf(taken.filter(({ step }) => isFault(step)).map(({ standing }) => standing));
        const exact = exactRows(taken.map(({ step }) => step));
        // Never shorter than it is; a verdict on one sample may be hidden by the failure of another that had one.
        expect(rows.every((row, at) => row >= exact[at]!.inARow)).toBe(true);
        expect(rows.filter((row, at) => exact[at]!.isBehindAnEnd && row !== 1)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
