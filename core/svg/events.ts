import type { SurveySummary } from "../survey/function.ts";
import type { SampleReason, SampleScore, SampleState } from "./sample.ts";
import type { RunSummary } from "./summary.ts";

export type RunStage = "snapshot" | "install" | "survey" | "plan" | "rollouts" | "export";

/** What `serac run --json` prints, one a line. The first is `started`, the last `finished` (or `paused`). */
export type RunEvent =
  | {
      readonly event: "started";
      readonly runId: string;
      readonly name: string;
      readonly rehearsal: boolean;
      readonly sandbox: string;
      readonly notes: readonly string[];
    }
  | { readonly event: "stage"; readonly stage: RunStage; readonly detail?: string }
  | ({ readonly event: "surveyed" } & SurveySummary)
  | { readonly event: "planned"; readonly samples: number; readonly requested: number }
  /** A rollout made a step; several a second, for progress only. */
  | { readonly event: "step"; readonly sampleId: string; readonly rolloutId: string; readonly steps: number; readonly costMicroUsd: number }
  | {
      readonly event: "sample";
      readonly sampleId: string;
      readonly functionId: string;
      readonly state: SampleState;
      readonly reason: SampleReason | null;
      readonly score: SampleScore | null;
    }
  | { readonly event: "warning"; readonly message: string }
  | ({ readonly event: "paused"; readonly detail: string } & RunSummary)
  | ({ readonly event: "finished" } & RunSummary);

export type EventSink = (event: RunEvent) => void;
