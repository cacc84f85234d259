import type { DropStore } from "../../core/control/platform.ts";
import type { RunStore } from "../../core/svg/store.ts";
import type { Context } from "./context.ts";
import { dropKey, isNew, patchKey } from "./keys.ts";
import type { Key } from "./table/operations.ts";

/** What belongs to whoever came first: patches, contents of drops. A claim never changes, so claiming again is harmless. */
export function claimsIn({ table }: Context): Pick<RunStore, "patchOwner" | "claimPatch"> & DropStore {
  async function claim(key: Key, owner: string): Promise<string> {
    const claimed = await table.write({ key, when: [isNew], set: { claimed_by: owner } });
    return claimed.ok ? owner : String(claimed.item?.["claimed_by"]);
  }

  return {
    patchOwner: async (runId, hash) => {
      const item = await table.get(patchKey(runId, hash));
      return item === null ? null : String(item["claimed_by"]);
    },
    claimPatch: (runId, hash, sampleId) => claim(patchKey(runId, hash), sampleId),
    claimDrop: (name, version, runId) => claim(dropKey(name, version), runId),
  };
}
