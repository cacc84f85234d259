import { FINAL_STATES, kindOf, type SampleRecord } from "../svg/sample.ts";
import type { ExportPlatform } from "./platform.ts";

export interface Acceptance {
  readonly samples: number;
  readonly accepted: number;
}

/** How the samples of a run fared. Only final ones count. */
export interface RunAcceptance {
  readonly all: Acceptance;
  readonly byKind: ReadonlyMap<string, Acceptance>;
  readonly byLanguage: ReadonlyMap<string, Acceptance>;
}

type Store = Pick<ExportPlatform["store"], "listSamples">;

const PAGE = 500;

/** The final samples of a run in the order of the plan, a page at a time. */
export async function* finalSamples(store: Store, runId: string): AsyncGenerator<SampleRecord> {
  for (let afterIndex: number | undefined; ;) {
    const page = await store.listSamples(runId, { states: FINAL_STATES, limit: PAGE, ...(afterIndex === undefined ? {} : { afterIndex }) });
    yield* page;
    if (page.length < PAGE) return;
    afterIndex = page.at(-1)!.index;
  }
}

export async function acceptanceOf(store: Store, runId: string): Promise<RunAcceptance> {
  const all = { samples: 0, accepted: 0 };
  const byKind = new Map<string, { samples: number; accepted: number }>();
  const byLanguage = new Map<string, { samples: number; accepted: number }>();
  for await (const sample of finalSamples(store, runId)) {
    for (const tally of [all, entry(byKind, kindOf(sample)), entry(byLanguage, sample.function.language)]) {
      tally.samples++;
      if (sample.state === "accepted") tally.accepted++;
    }
  }
  return { all, byKind, byLanguage };
}

function entry(tallies: Map<string, { samples: number; accepted: number }>, key: string): { samples: number; accepted: number } {
  const known = tallies.get(key);
  if (known !== undefined) return known;
  const fresh = { samples: 0, accepted: 0 };
  tallies.set(key, fresh);
  return fresh;
}
