import type { Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError } from "../../core/errors/index.ts";
import type { ModelRecord, ModelState, ModelStore } from "../../core/training/model.ts";
import type { Connection } from "./connection.ts";
import { isoNow } from "./runs.ts";

export function modelsIn({ db, transaction, run }: Connection, clock: Clock): ModelStore {
  const insert = db.prepare("INSERT INTO models (id, state, created_at, record) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const select = db.prepare("SELECT record FROM models WHERE id = ?");
  const selectPage = db.prepare(`
    SELECT record FROM models
    WHERE :after IS NULL OR (created_at, rowid) < (SELECT created_at, rowid FROM models WHERE id = :after)
    ORDER BY created_at DESC, rowid DESC LIMIT :limit`);
  const update = db.prepare("UPDATE models SET state = ?, record = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM models WHERE id = ?");

  const find = (modelId: string): ModelRecord | null => recordOf(select.get(modelId));

  return {
    createModel: async (record) => {
      const { changes } = run(() => insert.run(record.id, record.state, record.createdAt, JSON.stringify(record)));
      if (changes === 0) throw new ConflictError("state_conflict", `a model ${record.id} exists already`);
    },
    getModel: async (modelId) => run(() => find(modelId)),
    listModels: async ({ limit = -1, after = null }: { limit?: number; after?: string | null } = {}) =>
      run(() => selectPage.all({ after, limit }).flatMap((row) => recordOf(row) ?? [])),
    changeModel: async (modelId, from, change) =>
      transaction(() => {
        const before = find(modelId);
        if (before === null) throw new InputError("model_unknown", `there is no model ${modelId} in this home`);
        assertIn(before, from);
        const after: ModelRecord = { ...before, ...change, id: before.id, createdAt: before.createdAt, updatedAt: isoNow(clock) };
        update.run(after.state, JSON.stringify(after), modelId);
        return after;
      }),
    removeModel: async (modelId, from) => {
      transaction(() => {
        const before = find(modelId);
        if (before === null) return;
        assertIn(before, from);
        remove.run(modelId);
      });
    },
  };
}

function assertIn({ id, state }: ModelRecord, from: readonly ModelState[]): void {
  if (!from.includes(state)) throw new ConflictError("state_conflict", `model ${id} is ${state}, not ${from.join(" or ")}`);
}

function recordOf(row: Record<string, unknown> | undefined): ModelRecord | null {
  return row === undefined ? null : JSON.parse(String(row["record"]));
}
