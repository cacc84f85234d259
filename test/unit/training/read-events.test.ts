import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_EVENT_BYTES, progressOf, readTrainingEvent, resultOf } from "../../../core/training/read-events.ts";

const FAILED = { event: "failed", at: "2026-01-01T00:00:00.000Z", code: "base_missing", message: "there is none", hint: null };
const bytes = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

test("an event is read, and what is none is passed over", () => {
  expect(readTrainingEvent(JSON.stringify(FAILED))).toEqual(FAILED);
  const others = [
    "",
    "loading weights",
    "{",
    "[]",
    "null",
    JSON.stringify({ event: "new-one" }),
    JSON.stringify({ ...FAILED, code: "new" }),
  ];
  expect(others.map(readTrainingEvent)).toEqual(others.map(() => null));
  const long = { ...FAILED, message: "x".repeat(MAX_EVENT_BYTES) };
  expect(readTrainingEvent(JSON.stringify(long))).toBeNull();
  expect(progressOf(bytes(long))).toBeNull();
});

test("a result is an end, and nothing else", () => {
  expect(resultOf(bytes(FAILED))).toEqual(FAILED);
  const stage = { event: "stage", at: FAILED.at, stage: "load", detail: "" };
  expect(progressOf(bytes(stage))).toEqual(stage);
  expect(resultOf(bytes(stage))).toBeNull();
});

test("no bytes make a reader throw", () => {
  const near = fc.record({ event: fc.constantFrom("failed", "step", "stage"), at: fc.anything(), code: fc.anything() });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        near.map((value) => Buffer.from(String(safely(value)))),
      ),
      (content) => {
        expect(resultOf(content)).toBeNull();
      },
    ),
  );
});

function safely(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));
}
