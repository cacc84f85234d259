import { machineSize } from "../config/cloud/machine-size.ts";
import type { SeracConfig } from "../config/schema.ts";
import { ORCHESTRATION_PARTS, type OrchestrationPart, orchestrationUsd } from "./cloud/orchestration.ts";
import { CLOUD_PRICES } from "./cloud/prices.ts";
import { TIMED } from "./cloud/timed.ts";
import type { Figures } from "./figures.ts";
import { sampleLoad } from "./load.ts";
import { rangeOf, sumOf, timesOf, type Range, type Scenario } from "./range.ts";

/** What AWS asks for a run in the cloud, beside the teacher's price. */
export interface CloudEstimate {
  readonly usd: Range;
  readonly usdPerSample: Range;
  readonly parts: readonly { readonly part: OrchestrationPart; readonly usd: Range }[];
  /** How long a sample is worked on by teacher and commands; serac's own time and the wait for machines left out. */
  readonly secondsPerSample: Range;
  /** Memory that a machine is billed by. MiB. */
  readonly machineMib: number;
  /** Whose prices, where and when. */
  readonly prices: { readonly region: string; readonly date: string; readonly source: string };
}

export function estimateCloud(config: SeracConfig, figures: Figures, samples: number): CloudEstimate {
  // The least that a deployment may choose; what the environment needs decides.
  const machineMib = machineSize(config.environment, 0);
  const sampleUsd = (scenario: Scenario): Readonly<Record<OrchestrationPart, number>> =>
    orchestrationUsd(sampleLoad({ config, figures, scenario }), {
      machineMib,
      machineStartSeconds: figures.of.machineStartSeconds[scenario],
      burstShare: figures.of.machineBurstShare[scenario],
      own: {
        callSeconds: TIMED.callSeconds[scenario],
        rolloutSeconds: TIMED.rolloutSeconds[scenario],
        taskSeconds: TIMED.taskSeconds[scenario],
        preparedSeconds: TIMED.preparedSeconds[scenario],
        finishedSeconds: TIMED.finishedSeconds[scenario],
      },
    });
  const perSample = { low: sampleUsd("low"), likely: sampleUsd("likely"), high: sampleUsd("high") };
  const parts = ORCHESTRATION_PARTS.map((part) => ({ part, usd: rangeOf((scenario) => perSample[scenario][part] * samples) }));
  const usdPerSample = sumOf(ORCHESTRATION_PARTS.map((part) => rangeOf((scenario) => perSample[scenario][part])));
  const { region, date, source } = CLOUD_PRICES;
  return {
    usd: timesOf(usdPerSample, samples),
    usdPerSample,
    parts,
    secondsPerSample: rangeOf((scenario) => {
      const { rolloutSeconds, otherSeconds } = sampleLoad({ config, figures, scenario });
      return rolloutSeconds + otherSeconds;
    }),
    machineMib,
    prices: { region, date, source },
  };
}
