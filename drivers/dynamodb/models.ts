import { TABLE } from "../../core/config/cloud/names.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError } from "../../core/errors/index.ts";
import type { ModelPage, ModelRecord, ModelState, ModelStore } from "../../core/training/model.ts";
import { type Context, inDays, isoNow, isStampedBy, unchangedSince } from "./context.ts";
import { listed, LISTS, modelKey, placeInList } from "./keys.ts";
import { assertFits } from "./table/item-size.ts";
import { type Item, MAX_TRANSACTION_ITEMS, type Write } from "./table/operations.ts";

/** A removed model leaves an item without a record, which the table drops by itself: an answer that was lost is known by its stamp. */
const TOMBSTONE_DAYS = 2;

export function modelsIn({ table, clock, newStamp }: Context): ModelStore {
  const getModel = async (modelId: string): Promise<ModelRecord | null> => recordOf(await table.get(modelKey(modelId)));

  /** Reads, decides, writes unless another wrote in between; again until it is done. Null: removed; undefined: left as it is. */
  async function rewrite<After extends ModelRecord | null>(
    modelId: string,
    decide: (before: ModelRecord | null) => After | undefined,
  ): Promise<After | undefined> {
    const key = modelKey(modelId);
    const stamp = newStamp();
    for (let item = await table.get(key); ;) {
      const after = decide(recordOf(item));
      if (after === undefined) return after;
      const write = { key, when: [unchangedSince(item)], ...changeTo(after, clock) };
      const stamped = { ...write, set: { ...write.set, stamp } };
      assertFits(stamped);
      const written = await table.write(stamped);
      if (written.ok || isStampedBy(written.item, stamp)) return after;
      item = written.item;
    }
  }

  return {
    createModel: async (record) => {
      await rewrite(record.id, (before) => {
        if (before === null) return record;
        throw new ConflictError("state_conflict", `a model ${record.id} exists already`);
      });
    },
    getModel,
    listModels: async (page) => {
      const { limit, after }: Partial<ModelPage> = page ?? {};
      const last = after === undefined ? null : await getModel(after);
      if (after !== undefined && last === null) return [];
      const before = last === null ? undefined : placeInList(last.createdAt, last.id);
      const keys = await table.list({ list: LISTS.models, before, limit });
      const models: ModelRecord[] = [];
      for (let at = 0; at < keys.length; at += MAX_TRANSACTION_ITEMS) {
        const items = await table.getAll(keys.slice(at, at + MAX_TRANSACTION_ITEMS));
        models.push(...items.flatMap((item) => recordOf(item) ?? []));
      }
      return models;
    },
    changeModel: async (modelId, from, change) => {
      const changed = await rewrite(modelId, (before): ModelRecord | undefined => {
        if (before === null) return undefined;
        assertIn(before, from);
        return { ...before, ...change, id: before.id, createdAt: before.createdAt, updatedAt: isoNow(clock) };
      });
      if (changed === undefined) throw new InputError("model_unknown", `there is no model ${modelId}`);
      return changed;
    },
    removeModel: async (modelId, from) => {
      await rewrite(modelId, (before) => {
        if (before === null) return undefined;
        assertIn(before, from);
        return null;
      });
    },
  };
}

function changeTo(record: ModelRecord | null, clock: Clock): Pick<Write, "remove"> & { readonly set: Item } {
  const { partitionKey, sortKey } = TABLE.index;
  return record === null
    ? { set: { [TABLE.timeToLive]: inDays(clock, TOMBSTONE_DAYS) }, remove: ["record", partitionKey, sortKey] }
    : { set: { record: JSON.stringify(record), ...listed(LISTS.models, record.createdAt, record.id) }, remove: [TABLE.timeToLive] };
}

function assertIn({ id, state }: ModelRecord, from: readonly ModelState[]): void {
  if (!from.includes(state)) throw new ConflictError("state_conflict", `model ${id} is ${state}, not ${from.join(" or ")}`);
}

function recordOf(item: Item | null): ModelRecord | null {
  const record = item?.["record"];
  return record === undefined ? null : JSON.parse(String(record));
}
