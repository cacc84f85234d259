import fc from "fast-check";
import { expect, test } from "vitest";
import { TRAINING_MACHINES } from "../../../core/config/cloud/machines.ts";
import { configSchema, type TrainConfig } from "../../../core/config/schema.ts";
import { InputError } from "../../../core/errors/index.ts";
import { chooseMachine, type ChoiceRequest } from "../../../core/training/choose-machine.ts";
import { knownBase } from "../../../core/training/known-bases.ts";
import type { MachineChoice } from "../../../core/training/machine-choice.ts";
import { machineFacts } from "../../../core/training/machines.ts";
import { memoryNeed } from "../../../core/training/memory.ts";
import { EVERY_MACHINE, offersOf } from "../../../core/training/offers.ts";

const train = (change: Partial<TrainConfig> = {}): TrainConfig => ({ ...configSchema.parse({ train: {} }).train!, ...change });
const large = knownBase("Qwen/Qwen3-32B")!;
const PAPER_LOAD = { rows: 8000, tokens: 160e6 };

const choose = (change: Partial<ChoiceRequest> = {}): MachineChoice =>
  chooseMachine({ base: large, train: train(), offers: EVERY_MACHINE, load: PAPER_LOAD, ...change });

function refusal(change: Partial<ChoiceRequest>): InputError {
  try {
    choose(change);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  throw new Error("nothing was refused");
}

const only = (...machines: readonly MachineChoice["machine"][]) => EVERY_MACHINE.filter(({ machine }) => machines.includes(machine));

test("32B full does not fit eight GPUs of 80 GB; it fits eight of 141 GB, and two machines of 80 GB", () => {
  const full = train({ method: "full" });
  const { code, message, hint } = refusal({ train: full, offers: only("p5.48xlarge") });
  expect(code).toBe("training_unfit");
  expect(message).toMatch(
    /Qwen\/Qwen3-32B \(full, 32768 tokens of context\).*p5\.48xlarge has 79 GB on each of 8 GPUs, and 8\d GB are needed/,
  );
  expect(hint).toContain("train.method: lora (on p5.48xlarge)");
  expect(hint).toContain("train.nodes: 2 (on p5.48xlarge)");
  expect(choose({ train: full, offers: only("p5en.48xlarge") })).toMatchObject({ machine: "p5en.48xlarge", nodes: 1, capacity: "spot" });
  expect(choose({ train: { ...full, nodes: 2 }, offers: only("p5.48xlarge") })).toEqual({
    machine: "p5.48xlarge",
    nodes: 2,
    capacity: "on-demand",
    gpus: 8,
    sequenceParallel: 1,
  });
});

test("a sequence is shared only where it has to be", () => {
  expect(choose({ offers: only("p5.48xlarge") }).sequenceParallel).toBe(1);
  expect(choose({ offers: only("p4d.24xlarge") }).sequenceParallel).toBe(2);
});

test("a small training goes to a small machine, a large one where the work is cheapest", () => {
  const base = knownBase("Qwen/Qwen3-8B")!;
  expect(choose({ base, load: { rows: 50, tokens: 1e6 } }).machine).toBe("g6e.xlarge");
  expect(choose({ base, load: null }).machine).toBe("g6e.xlarge");
  expect(choose({ base, load: { rows: 80_000, tokens: 160e7 } }).machine).toBe("p5en.48xlarge");
});

test("a machine that is likely to need longer than is allowed is not taken", () => {
  const slow = train({ maxHours: 4 });
  expect(refusal({ train: slow, offers: only("g6e.12xlarge") }).message).toMatch(
    /likely to need [\d.]+ hours, more than train.maxHours \(4\)/,
  );
});

test("several machines are never spot, nor of a type without a network for it, nor more than there are", () => {
  expect(refusal({ train: train({ nodes: 2, capacity: "spot" }) }).hint).toContain("on-demand");
  expect(refusal({ train: train({ nodes: 2, machine: "g6e.xlarge" }) }).message).toContain("no network");
  const few = only("p5.48xlarge").map((offer) => ({ ...offer, maxMachines: 1 }));
  expect(refusal({ train: train({ nodes: 2 }), offers: few }).message).toContain("offered 1 at once, not 2");
});

test("what is not offered is refused by name, with what is", () => {
  expect(refusal({ train: train({ machine: "p4de.24xlarge" }), offers: only("p5.48xlarge", "p4d.24xlarge") }).message).toContain(
    "p4d.24xlarge, p5.48xlarge",
  );
  const block = refusal({ train: train({ capacity: "block" }), offers: only("g6e.12xlarge") });
  expect([block.message, block.hint]).toEqual([expect.stringContaining("spot or on-demand, not block"), expect.stringContaining("auto")]);
  expect(refusal({ offers: [] }).message).toContain("there is none");
});

test("a context that the base was not made for is refused", () => {
  expect(refusal({ train: train({ contextTokens: 65_536 }) }).message).toContain("40960 tokens at most");
});

test("a batch that the GPUs cannot share says which they can", () => {
  const error = refusal({ train: train({ batchSize: 9, nodes: 2 }), offers: only("p5.48xlarge") });
  expect(error.message).toContain("16 GPUs, which cannot share a batch of 9 evenly");
  expect(error.hint).toContain("train.batchSize: 16");
});

test("a deployment offers what it has queues for", () => {
  const jobDefinitions = { oneNode: "one" };
  const machine = { maxMachines: 2, vcpus: 4, memoryMib: 1000, gpus: 1, jobDefinitions };
  expect(offersOf({ machines: [{ ...machine, machine: "g6e.xlarge", queues: { "on-demand": "queue" } }], isSpotAlone: false })).toEqual([
    { machine: "g6e.xlarge", maxMachines: 2, capacities: ["on-demand"], isTogether: false },
  ]);
});

test("whatever is chosen fits, is offered, and shares its batch evenly; what is refused says what and why", () => {
  const names = ["Qwen/Qwen3-0.6B", "Qwen/Qwen3-8B", "Qwen/Qwen3-14B", "Qwen/Qwen3-32B", "Qwen/Qwen2.5-Coder-32B-Instruct"];
  const requests = fc.record({
    base: fc.constantFrom(...names),
    method: fc.constantFrom("lora" as const, "full" as const),
    contextTokens: fc.integer({ min: 256, max: 32_768 }),
    batchSize: fc.integer({ min: 1, max: 96 }),
    loraRank: fc.constantFrom(1, 32, 512),
    nodes: fc.constantFrom(1, 1, 2, 3, 4),
    machine: fc.constantFrom("auto" as const, ...TRAINING_MACHINES),
    capacity: fc.constantFrom("auto" as const, "spot" as const, "on-demand" as const, "block" as const),
    offers: fc.subarray([...EVERY_MACHINE]),
    rows: fc.integer({ min: 1, max: 20_000 }),
  });
  fc.assert(
    fc.property(requests, ({ base: name, offers, rows, ...settings }) => {
      const base = knownBase(name)!;
      const config = train({ ...settings, base: name });
      const choice = chosenOr({ base, train: config, offers, load: { rows, tokens: rows * 9000 } }, (error) => {
        expect(error.code).toBe("training_unfit");
        expect(error.message).not.toMatch(/undefined|NaN/);
        expect(error.hint).toMatch(/\w/);
      });
      if (choice === null) return;
      const offer = offers.find(({ machine }) => machine === choice.machine)!;
      expect(offer.capacities).toContain(choice.capacity);
      expect(choice.nodes === 1 || choice.capacity !== "spot").toBe(true);
      const gpus = choice.gpus * choice.nodes;
      expect(config.batchSize % (gpus / choice.sequenceParallel)).toBe(0);
      expect(memoryNeed(base, config, { gpus, sequenceParallel: choice.sequenceParallel }).bytes).toBeLessThan(
        machineFacts(choice.machine).gpuBytes,
      );
    }),
    { numRuns: 400 },
  );
});

function chosenOr(request: ChoiceRequest, look: (error: InputError) => void): MachineChoice | null {
  try {
    return chooseMachine(request);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    look(error);
    return null;
  }
}
