import * as fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf, groupOf } from "../../../drivers/sqs/send.ts";

test("batches hold every task once, in order, ten at the most, and 256 KiB where a single task does not need more", () => {
  const task = fc.record({
    id: fc.string({ minLength: 1, maxLength: 20 }),
    body: fc.integer({ min: 1, max: 150_000 }).map((n) => "x".repeat(n)),
  });
  fc.assert(
    fc.property(fc.array(task, { maxLength: 40 }), (tasks) => {
      const batches = [...batchesOf(tasks)];
      expect(batches.flat()).toEqual(tasks);
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        expect(batch.length).toBeLessThanOrEqual(10);
        const bytes = batch.reduce((sum, { id, body }) => sum + Buffer.byteLength(id) + body.length, 0);
        expect(bytes <= 256 * 1024 || batch.length === 1).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["run-20260101-000000-abcd-s000001", "run-20260101-000000-abcd"],
  ['{"runId":"r1","nextIndex":3}', "r1"],
  ['{"runId":"with space"}', undefined],
  ["é-s000001", undefined],
  [`${"x".repeat(129)}-s000001`, undefined],
  ["{}", undefined],
])("%s belongs to the group %s", (body, group) => {
  expect(groupOf(body)).toBe(group);
});
