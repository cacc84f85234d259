import type { ControlPlatform, Workshop } from "../../core/control/platform.ts";
import { FINAL_STATES, type SampleRecord, type SampleState } from "../../core/svg/sample.ts";
import { describeStreamId, firstRolloutId, judgeStreamId, patchKey, secondRolloutId, trajectoryKey } from "../../core/svg/names.ts";
import type { RunRecord, RunState } from "../../core/svg/store.ts";
import { placeOfSample } from "../../core/plan/sample-id.ts";
import { storeIn } from "../../drivers/dynamodb/store.ts";
import type { Item } from "../../drivers/dynamodb/table/operations.ts";
import { patientTable } from "../../drivers/dynamodb/table/patient-table.ts";
import type { Machine } from "./machine.ts";
import { artifactsFor } from "./memory-artifacts.ts";
import { isJournaled, journalFor, newJournal } from "./memory-journal.ts";
import { createQueue, queueFor } from "./memory-queue.ts";
import { sandboxFor } from "./memory-sandbox.ts";
import { memoryTable, type OnChange } from "./memory-table.ts";
import { newLedger, teacherFor } from "./memory-teacher.ts";
import { RUN_ID, twinOf } from "./simulated-run.ts";
import { tableFor } from "./simulated-table.ts";
import { createTraffic } from "./traffic.ts";
import type { World } from "./world.ts";

/** Late copies of a message find these for so long after a sample has ended; then the memory is needed for others. */
const KEPT_MS = 60_000;
const FINAL: ReadonlySet<unknown> = new Set<SampleState>(FINAL_STATES);

export type SharedState = ReturnType<typeof createSharedState>;

/** All that outlives a machine, and what an onlooker notes of it. */
export function createSharedState(world: World, samples: number, visibilityMs: number) {
  /** Results of each sample, and functions, by index. */
  const results = new Uint8Array(samples);
  const functions = new Uint32Array(samples);
  const seen = { finished: 0, reopened: 0, costMicroUsd: 0, mostAtOnce: 0, runState: "preparing" as RunState };
  /** Until when the sample at a place is leased to somebody who works on it. */
  const leases = new Map<string, number>();
  const journal = newJournal();
  const blobs = new Map<string, Uint8Array>();
  const ledger = newLedger();
  const queue = createQueue(world, visibilityMs);

  function noteLease(place: string, { owner, expires, state }: Item): void {
    // The reaper only looks whether it gets the lease.
    if (owner === undefined || owner === "reaper" || FINAL.has(state)) return void leases.delete(place);
    leases.set(place, Number(expires));
    if (leases.size <= seen.mostAtOnce) return;
    for (const [other, untilMs] of leases) if (untilMs <= world.now()) leases.delete(other);
    seen.mostAtOnce = Math.max(seen.mostAtOnce, leases.size);
  }

  const note: OnChange = ({ partition, sort }, before, after) => {
    if (sort === "run") seen.runState = (JSON.parse(String(after["record"])) as RunRecord).state;
    if (!partition.includes("#samples#")) return;
    noteLease(sort, after);
    const wasFinal = FINAL.has(before?.["state"]);
    if (wasFinal && before?.["record"] !== after["record"]) seen.reopened += 1;
    if (wasFinal || !FINAL.has(after["state"])) return;
    results[Number(sort)]! += 1;
    seen.finished += 1;
    const sample = JSON.parse(String(after["record"])) as SampleRecord;
    seen.costMicroUsd += sample.costMicroUsd;
    world.after(KEPT_MS, () => forget(sample));
  };

  function forget({ id, attempts }: SampleRecord): void {
    const firsts = Array.from({ length: attempts }, (_, at) => firstRolloutId(id, at + 1));
    const rollouts = [...firsts, secondRolloutId(id)];
    for (const stream of [...rollouts, ...firsts.map(judgeStreamId), describeStreamId(id)]) journal.streams.delete(stream);
    for (const rollout of rollouts) {
      blobs.delete(trajectoryKey(RUN_ID, rollout));
      blobs.delete(patchKey(RUN_ID, rollout));
    }
  }

  const traffic = createTraffic(world.now);
  const memory = memoryTable(note);
  const table = { memory, traffic, world, locked: new Set<string>(), conflicts: { count: 0 } };
  let stamps = 0;

  return {
    results,
    seen,
    journal,
    ledger,
    queue,
    table,
    plan: (sample: SampleRecord): void => {
      functions[sample.index] = twinOf(Number(sample.function.id.slice(sample.function.id.lastIndexOf("#") + 1)));
    },
    /** What the functions on a machine work with. `onProgress`: something was written down that will not be done again. */
    platformOf: (machine: Machine, onProgress: () => void): { platform: ControlPlatform; workshop: Workshop } => {
      const patience = { clock: machine.clock, random: world.random, tableName: "simulated" };
      const store = storeIn({
        table: patientTable(tableFor(machine, table), patience),
        clock: machine.clock,
        newStamp: () => String(stamps++),
      });
      const notHere = (): Promise<never> => Promise.reject(new Error("no sample needs this"));
      const teacher = teacherFor(machine, {
        world,
        ledger,
        isKnown: (callId) => isJournaled(journal, callId) || results[placeOfSample(callId)!.index]! > 0,
        functionOf: (index) => functions[index]!,
      });
      const sandbox = sandboxFor(machine);
      return {
        platform: {
          store,
          drops: store,
          keys: store,
          models: store,
          training: null,
          version: "0.0.0-test",
          clock: machine.clock,
          journal: journalFor(machine, journal, onProgress),
          queue: queueFor(machine, queue),
          artifacts: artifactsFor(machine, blobs),
          links: { download: notHere, upload: notHere },
          factsOf: notHere,
        },
        workshop: {
          archives: { open: notHere },
          teacher: () => Promise.resolve(teacher),
          sandbox: () => Promise.resolve(sandbox),
          exportDataset: notHere,
          exportTrainingData: notHere,
          jobs: notHere,
        },
      };
    },
  };
}
