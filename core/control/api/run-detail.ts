import { summarizeRun } from "../../svg/pipeline/index.ts";
import type { RunRecord } from "../../svg/store.ts";
import type { RunSummary } from "../../svg/summary.ts";
import type { ControlPlatform } from "../platform.ts";

export interface RunDetail extends RunSummary {
  readonly archive: { readonly key: string; readonly drop: string | null } | null;
  readonly dataset: string | null;
  readonly sandbox: string | null;
  readonly samplesPerMinute: number | null;
  readonly etaSeconds: number | null;
  readonly config: Record<string, unknown>;
}

export async function detailOf(platform: ControlPlatform, run: RunRecord): Promise<RunDetail> {
  const summary = await summarizeRun(platform, run.id);
  return {
    ...summary,
    archive: run.archive === undefined ? null : { key: run.archive.key, drop: run.archive.drop },
    dataset: run.dataset ?? null,
    sandbox: run.sandbox?.provider ?? null,
    ...paceOf(summary, platform.clock.now()),
    config: { ...run.config },
  };
}

/** Over the whole life of the run: the samples themselves are too many to be looked at for every question. */
export function paceOf(
  { state, done, planned, createdAt }: Pick<RunSummary, "state" | "done" | "planned" | "createdAt">,
  nowMs: number,
): { samplesPerMinute: number | null; etaSeconds: number | null } {
  const elapsedMs = nowMs - Date.parse(createdAt);
  if (state !== "running" || done === 0 || elapsedMs <= 0) return { samplesPerMinute: null, etaSeconds: null };
  const samplesPerMinute = (done / elapsedMs) * 60_000;
  return { samplesPerMinute, etaSeconds: Math.round(((planned - done) / samplesPerMinute) * 60) };
}
