import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError } from "../../core/errors/index.ts";
import { SAMPLE_REASONS, SAMPLE_STATES } from "../../core/svg/sample.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import type { RunStore, ScoreStatistics, StateCount } from "../../core/svg/store.ts";
import type { Connection } from "./connection.ts";
import { isoNow } from "./runs.ts";

type Samples = Pick<
  RunStore,
  "addSamples" | "getSample" | "listSamples" | "countSamples" | "scoreStatistics" | "transition" | "patchOwner" | "claimPatch"
>;

/** Rows of one transaction when a plan is written: short enough that other processes hardly wait. */
const BATCH = 2000;

export function samplesIn({ db, transaction, run }: Connection, clock: Clock): Samples {
  const insert = db.prepare(
    "INSERT INTO samples (id, run_id, position, state, reason, record) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const select = db.prepare("SELECT record FROM samples WHERE id = ?");
  const selectAll = db.prepare("SELECT record FROM samples WHERE run_id = ? AND position > ? ORDER BY position LIMIT ?");
  // json_each lets one prepared statement take any number of states.
  const selectByState = db.prepare(`
    SELECT record FROM samples
    WHERE run_id = ? AND state IN (SELECT value FROM json_each(?)) AND position > ? ORDER BY position LIMIT ?`);
  const counts = db.prepare("SELECT state, reason, samples FROM sample_counts WHERE run_id = ? AND samples > 0");
  const recalls = db.prepare(`
    SELECT min(9, CAST(recall * 10 AS INTEGER)) AS bin, count(*) AS samples, sum(recall) AS total
    FROM (SELECT json_extract(record, '$.score.recall') AS recall FROM samples WHERE run_id = ?)
    WHERE recall IS NOT NULL GROUP BY bin`);
  const update = db.prepare("UPDATE samples SET state = ?, reason = ?, record = ? WHERE id = ?");
  const leaseOf = db.prepare("SELECT owner, token FROM leases WHERE sample_id = ?");
  const patch = db.prepare("SELECT sample_id FROM patches WHERE run_id = ? AND hash = ?");
  const insertPatch = db.prepare("INSERT INTO patches (run_id, hash, sample_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

  const find = (sampleId: string): SampleRecord | null => recordOf(select.get(sampleId));
  const ownerOf = (runId: string, hash: string): string | null => {
    const row = patch.get(runId, hash);
    return row === undefined ? null : String(row["sample_id"]);
  };

  return {
    addSamples: async (samples) => {
      for (let start = 0; start < samples.length; start += BATCH) {
        if (start > 0) await setImmediate();
        transaction(() => {
          for (const sample of samples.slice(start, start + BATCH)) {
            insert.run(sample.id, sample.runId, sample.index, sample.state, sample.reason ?? "", JSON.stringify(sample));
          }
        });
      }
    },
    getSample: async (sampleId) => run(() => find(sampleId)),
    listSamples: async (runId, { states, afterIndex = -1, limit }) =>
      run(() => {
        const rows =
          states === undefined
            ? selectAll.all(runId, afterIndex, limit)
            : selectByState.all(runId, JSON.stringify(states), afterIndex, limit);
        return rows.flatMap((row) => recordOf(row) ?? []);
      }),
    countSamples: async (runId) => run(() => counts.all(runId).flatMap(countOf).toSorted(byLife)),
    scoreStatistics: async (runId) => run(() => scoreStatisticsOf(recalls.all(runId))),
    transition: async (lease, from, to, change) =>
      transaction(() => {
        const held = leaseOf.get(lease.sampleId);
        if (held === undefined || held["token"] !== lease.token || held["owner"] !== lease.owner) {
          throw new ConflictError("fenced", `the lease ${lease.token} of sample ${lease.sampleId} was taken over`);
        }
        const before = find(lease.sampleId);
        if (before === null) throw new InputError("sample_unknown", `there is no sample ${lease.sampleId} in this home`);
        if (before.state !== from) {
          throw new ConflictError("state_conflict", `sample ${lease.sampleId} is ${before.state}, not ${from}`);
        }
        const after: SampleRecord = { ...before, ...change, state: to, updatedAt: isoNow(clock) };
        update.run(to, after.reason ?? "", JSON.stringify(after), lease.sampleId);
        return after;
      }),
    patchOwner: async (runId, hash) => run(() => ownerOf(runId, hash)),
    claimPatch: async (runId, hash, sampleId) =>
      transaction(() => {
        insertPatch.run(runId, hash, sampleId);
        return ownerOf(runId, hash) ?? sampleId;
      }),
  };
}

function recordOf(row: Record<string, unknown> | undefined): SampleRecord | null {
  return row === undefined ? null : JSON.parse(String(row["record"]));
}

function countOf(row: Record<string, unknown>): StateCount[] {
  const state = SAMPLE_STATES.find((known) => known === row["state"]);
  const reason = SAMPLE_REASONS.find((known) => known === row["reason"]) ?? null;
  return state === undefined ? [] : [{ state, reason, samples: Number(row["samples"]) }];
}

function scoreStatisticsOf(bins: readonly Record<string, unknown>[]): ScoreStatistics {
  const recallHistogram = Array.from({ length: 10 }, () => 0);
  for (const row of bins) recallHistogram[Number(row["bin"])] = Number(row["samples"]);
  const samples = recallHistogram.reduce((sum, bin) => sum + bin, 0);
  const total = bins.reduce((sum, row) => sum + Number(row["total"]), 0);
  return { samples, recallHistogram, recallMean: samples === 0 ? null : total / samples };
}

/** In the order of a sample's life, then of the list of reasons. */
const byLife = (a: StateCount, b: StateCount): number => placeOf(a) - placeOf(b);

function placeOf({ state, reason }: StateCount): number {
  return SAMPLE_STATES.indexOf(state) * 100 + (reason === null ? 0 : SAMPLE_REASONS.indexOf(reason) + 1);
}
