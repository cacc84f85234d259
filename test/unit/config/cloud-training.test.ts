import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobNameOf, modelOfJob, readTrainingSettings } from "../../../core/config/cloud/training.ts";
import { InputError } from "../../../core/errors/index.ts";

const OFFER = {
  machine: "g6e.12xlarge",
  maxMachines: 1,
  vcpus: 48,
  memoryMib: 353_894,
  gpus: 4,
  queues: { spot: "serac-g6e-12xlarge-spot" },
  jobDefinitions: { oneNode: "serac-g6e-12xlarge" },
};

describe("the names of jobs", () => {
  const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/);

  test("are taken by AWS Batch, and tell whose job it is", () => {
    fc.assert(
      fc.property(id, (modelId) => {
        const name = jobNameOf(modelId);
        expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
        expect(modelOfJob(name)).toBe(modelId);
      }),
    );
  });

  test("are never those of another model", () => {
    fc.assert(fc.property(id, id, (one, other) => (one === other) === (jobNameOf(one) === jobNameOf(other))));
  });

  test("that somebody else gave are some id or other", () => {
    fc.assert(fc.property(fc.string(), (name) => typeof modelOfJob(name) === "string"));
  });
});

describe("SERAC_TRAINING", () => {
  test("is read with what it leaves out", () => {
    const settings = readTrainingSettings(JSON.stringify({ machines: [OFFER] }));
    expect(settings).toEqual({ machines: [OFFER], isSpotAlone: false });
  });

  test.each([
    ["{", "no JSON"],
    ["{}", "machines: "],
    [JSON.stringify({ machines: [] }), "machines: "],
    [JSON.stringify({ machines: [{ ...OFFER, machine: "t3.nano" }] }), "machines.0.machine: "],
    [JSON.stringify({ machines: [{ ...OFFER, queues: { spot: "a queue" } }] }), "machines.0.queues.spot: "],
    [JSON.stringify({ machines: [{ ...OFFER, queues: { cheap: "q" } }] }), "machines.0.queues"],
  ])("%s is refused with its place", (text, says) => {
    expect(() => readTrainingSettings(text)).toThrow(InputError);
    expect(() => readTrainingSettings(text)).toThrow(says);
  });
});
