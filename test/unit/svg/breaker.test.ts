import { describe, expect, it } from "vitest";
import { configSchema } from "../../../core/config/schema.ts";
import type { RunEvent } from "../../../core/svg/events.ts";
import { faultBreaker } from "../../../core/svg/pipeline/breaker.ts";
import { FAULTS_IN_A_ROW } from "../../../core/svg/pipeline/fault-row.ts";
import type { SampleReason } from "../../../core/svg/sample.ts";

const FEW = configSchema.parse({ teacher: { baseUrl: "http://127.0.0.1:9/v1", model: "m", concurrency: 4 } });

const ended = (reason: SampleReason | null): RunEvent => ({
  event: "sample",
  sampleId: "r-s000001",
  functionId: "a.py::f",
  state: reason === null ? "judged" : "failed",
  reason,
  score: null,
});

describe("faultBreaker", () => {
  it("stops the run after so many unreachable samples in a row", () => {
    const { onEvent, signal } = faultBreaker(FEW, () => {});
    for (let n = 1; n < FAULTS_IN_A_ROW; n++) onEvent(ended("teacher_unreachable"));
    expect(signal.aborted).toBe(false);
    onEvent(ended("teacher_unreachable"));
    expect(signal.reason).toMatchObject({ name: "PausedError", code: "teacher_connection" });
  });

  it("starts counting again when a sample makes progress", () => {
    const { onEvent, signal } = faultBreaker(FEW, () => {});
    for (let n = 0; n < 20; n++) onEvent(ended(n % FAULTS_IN_A_ROW === 0 ? null : "teacher_unreachable"));
    expect(signal.aborted).toBe(false);
  });

  it("does not take the beginning of the next sample for progress", () => {
    const { onEvent, signal } = faultBreaker(FEW, () => {});
    for (let n = 0; n < FAULTS_IN_A_ROW; n++) {
      onEvent({ ...ended(null), state: "first" } as RunEvent);
      onEvent(ended("environment"));
    }
    expect(signal.reason).toMatchObject({ name: "PausedError", code: "sandbox_failed" });
  });

  it("counts outside reasons together, and names the last", () => {
    const { onEvent, signal } = faultBreaker(FEW, () => {});
    for (let n = 1; n < FAULTS_IN_A_ROW; n++) onEvent(ended("teacher_unreachable"));
    onEvent(ended("environment"));
    expect(signal.reason).toMatchObject({ name: "PausedError", code: "sandbox_failed" });
  });

  it("never stops for reasons that lie in the samples", () => {
    const { onEvent, signal } = faultBreaker(FEW, () => {});
    for (let n = 0; n < 50; n++) onEvent(ended("no_change"));
    expect(signal.aborted).toBe(false);
  });

  it("passes every event on", () => {
    const seen: RunEvent[] = [];
    const { onEvent } = faultBreaker(FEW, (event) => seen.push(event));
    onEvent(ended("leak"));
    expect(seen).toEqual([ended("leak")]);
  });
});
