import type { Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError } from "../../core/errors/index.ts";
import type { RunRecord, RunStore } from "../../core/svg/store.ts";
import type { Connection } from "./connection.ts";

export function runsIn(
  { db, transaction, run }: Connection,
  clock: Clock,
): Pick<RunStore, "createRun" | "getRun" | "listRuns" | "changeRun"> {
  const insert = db.prepare("INSERT INTO runs (id, state, created_at, record) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const insertSpend = db.prepare("INSERT INTO spend (run_id) VALUES (?)");
  const select = db.prepare("SELECT record FROM runs WHERE id = ?");
  const selectPage = db.prepare(`
    SELECT record FROM runs
    WHERE :after IS NULL OR (created_at, rowid) < (SELECT created_at, rowid FROM runs WHERE id = :after)
    ORDER BY created_at DESC, rowid DESC LIMIT :limit`);
  const update = db.prepare("UPDATE runs SET state = ?, record = ? WHERE id = ?");

  const find = (runId: string): RunRecord | null => recordOf(select.get(runId));

  return {
    createRun: async (record) => {
      transaction(() => {
        const { changes } = insert.run(record.id, record.state, record.createdAt, JSON.stringify(record));
        if (changes === 0) throw new ConflictError("state_conflict", `a run ${record.id} exists already`);
        insertSpend.run(record.id);
      });
    },
    getRun: async (runId) => run(() => find(runId)),
    listRuns: async ({ limit = -1, after = null }: { limit?: number; after?: string | null } = {}) =>
      run(() => selectPage.all({ after, limit }).flatMap((row) => recordOf(row) ?? [])),
    changeRun: async (runId, from, change) =>
      transaction(() => {
        const before = find(runId);
        if (before === null) throw new InputError("run_unknown", `there is no run ${runId} in this home`);
        if (!from.includes(before.state)) {
          throw new ConflictError("state_conflict", `run ${runId} is ${before.state}, not ${from.join(" or ")}`);
        }
        const after: RunRecord = { ...before, ...change, id: before.id, createdAt: before.createdAt, updatedAt: isoNow(clock) };
        update.run(after.state, JSON.stringify(after), runId);
        return after;
      }),
  };
}

export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();

function recordOf(row: Record<string, unknown> | undefined): RunRecord | null {
  return row === undefined ? null : JSON.parse(String(row["record"]));
}
