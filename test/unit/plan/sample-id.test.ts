import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeOfSample, sampleIdOf } from "../../../core/plan/sample-id.ts";

test("the place is in the id of a sample and of all that belongs to it, whatever the run is called", () => {
  const runId = fc.stringMatching(/^[a-z0-9-]{1,30}$/);
  const name = fc.oneof(runId, fc.constantFrom("course-s2024001", "x-s000001-20260101-000000-abcd", "s000001"));
  const suffix = fc.constantFrom("", "-first1", "-second12", "-first3-judge", "-describe");
  fc.assert(
    fc.property(name, fc.integer({ min: 0, max: 2_000_000 }), suffix, (run, index, tail) => {
      expect(placeOfSample(sampleIdOf(run, index) + tail)).toEqual({ runId: run, index });
    }),
  );
});

test.each(["", "run", "run-s00001", "-s000001", "run-s000001x", "run-s000001\n"])("%j is no id of a sample", (id) => {
  expect(placeOfSample(id)).toBeNull();
});
