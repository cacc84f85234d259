import type { SeracConfig } from "../../core/config/schema.ts";
import { countSample } from "../../core/dataset/index.ts";
import type { RunEvent } from "../../core/svg/events.ts";
import type { StatePlatform } from "../../core/svg/platform.ts";
import { FINAL_STATES } from "../../core/svg/sample.ts";

export interface Counting {
  onEvent(event: RunEvent): void;
  /** When every sample that ended so far is counted. */
  settled(): Promise<void>;
}

/**
 * Counts the tokens of each sample when it ends, one after the other, so that the export at the end need not. A count that fails is no
 * trouble: the export makes it again, and says so if it cannot.
 */
export function startCounting(platform: StatePlatform, formats: SeracConfig["dataset"]["formats"]): Counting {
  let last = Promise.resolve();
  const count = async (sampleId: string): Promise<void> => {
    const sample = await platform.store.getSample(sampleId);
    if (sample !== null) await countSample(platform, sample, formats);
  };
  return {
    onEvent: (event) => {
      if (event.event !== "sample" || !FINAL_STATES.includes(event.state)) return;
      last = last.then(() => count(event.sampleId)).catch(() => undefined);
    },
    settled: () => last,
  };
}
