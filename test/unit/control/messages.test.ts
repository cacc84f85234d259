import * as fc from "fast-check";
import { expect, test } from "vitest";
import { finishTaskOf, prepareTaskOf, readFinishMessage, readPrepareMessage } from "../../../core/control/messages.ts";
import { SeracError } from "../../../core/errors/index.ts";

const cursor = fc.option(fc.integer({ min: -1, max: 10_000_000 }));
const message = fc.record({
  runId: fc.string({ minLength: 1 }),
  nextIndex: fc.nat(10_000_000),
  isTeacherKnown: fc.boolean(),
  retryAfter: cursor,
  isReady: fc.boolean(),
  isSecondLook: fc.boolean(),
});

test("what is sent is read again", () => {
  fc.assert(
    fc.property(message, (sent) => {
      expect(readPrepareMessage(prepareTaskOf(sent).body)).toEqual(sent);
    }),
  );
  expect(readFinishMessage(finishTaskOf("run").body)).toEqual({ runId: "run" });
});

test("steps of one run have names of their own, and the same step has the same", () => {
  fc.assert(
    fc.property(message, message, (a, b) => {
      const other = { ...b, runId: a.runId };
      const isSameStep = (["nextIndex", "retryAfter", "isReady", "isSecondLook"] as const).every((key) => a[key] === b[key]);
      expect(prepareTaskOf(a).id === prepareTaskOf(other).id).toBe(isSameStep);
    }),
  );
});

/** The run it names, or the code of the refusal. */
function readOrCode(read: (body: string) => { readonly runId: string }, body: string): string {
  try {
    return `run ${read(body).runId}`;
  } catch (error) {
    return error instanceof SeracError ? error.code : "defect";
  }
}

test("any other text is refused in one way", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      for (const read of [readPrepareMessage, readFinishMessage]) expect(readOrCode(read, body)).toMatch(/^(record_invalid|run [^]+)$/);
    }),
  );
});
