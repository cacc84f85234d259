import type { RunStore } from "../../core/svg/store.ts";
import { type Context, isStampedBy } from "./context.ts";
import { isNew, windowKey } from "./keys.ts";

/** One small item a run, written once for each sample that ends at the most. */
export function windowsIn({ table, newStamp }: Context): Pick<RunStore, "taskWindow" | "moveTaskWindow"> {
  return {
    taskWindow: async (runId) => {
      const item = await table.get(windowKey(runId));
      if (item === null) return { given: 0, lastIndex: -1, version: 0 };
      return { given: Number(item["given"]), lastIndex: Number(item["last_index"]), version: Number(item["version"]) };
    },
    moveTaskWindow: async (runId, version, { given, lastIndex }) => {
      const stamp = newStamp();
      const moved = await table.write({
        key: windowKey(runId),
        when: [version === 0 ? isNew : { equal: ["version", version] }],
        set: { given, last_index: lastIndex, version: version + 1, stamp },
      });
      return moved.ok || isStampedBy(moved.item, stamp);
    },
  };
}
