import type { RunStore } from "../../../core/svg/store.ts";
import type { Context } from "../context.ts";
import { sampleKey } from "../keys.ts";
import { addSamples } from "./add-samples.ts";
import { countsIn } from "./counts.ts";
import { leasesIn } from "./leases.ts";
import { listSamples } from "./list-samples.ts";
import { recordOf } from "./sample-item.ts";
import { transition } from "./transition.ts";

type Samples = Pick<
  RunStore,
  | "addSamples"
  | "getSample"
  | "listSamples"
  | "countSamples"
  | "scoreStatistics"
  | "acquireLease"
  | "renewLease"
  | "releaseLease"
  | "transition"
>;

export function samplesIn(context: Context): Samples {
  return {
    ...countsIn(context),
    ...leasesIn(context),
    addSamples: (samples) => addSamples(context, samples),
    listSamples: (runId, query) => listSamples(context, runId, query),
    transition: (lease, from, to, change) => transition(context, lease, from, to, change),
    getSample: async (sampleId) => {
      const key = sampleKey(sampleId);
      return key === null ? null : recordOf(await context.table.get(key));
    },
  };
}
