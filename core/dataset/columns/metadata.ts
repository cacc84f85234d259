import { changedLines } from "../../svg/patch/index.ts";
import type { TrajectoryRecord } from "../../svg/record.ts";
import type { Measure } from "../select/measure.ts";
import { optional, optionalText, scalar, text, type Column, type Row } from "./column.ts";

/**
 * What every row says beside its messages. `text_sha256` is of the text in which its turns are counted, frames and all, cut as the row is
 * cut. Tokens are those of the tokenizer that the card names; costs are USD.
 */
export const METADATA: readonly Column[] = [
  text("sample_id"),
  text("rollout_id"),
  text("run_id"),
  text("function"),
  text("path"),
  text("language"),
  text("kind"),
  scalar("replica", "int32"),
  scalar("seed", "int64"),
  text("repository"),
  optionalText("commit"),
  text("toolset"),
  text("teacher"),
  scalar("temperature", "float64"),
  scalar("rehearsal", "bool"),
  scalar("accepted", "bool"),
  text("exit_status"),
  optional("recall", "float64"),
  optional("precision", "float64"),
  optional("recall_sera", "float64"),
  scalar("patch_lines", "int32"),
  text("patch"),
  optionalText("pull_request"),
  scalar("steps", "int32"),
  scalar("tokens", "int32"),
  scalar("trained_tokens", "int32"),
  scalar("total_tokens", "int32"),
  scalar("mean_observation_tokens", "float64"),
  scalar("kept_ratio", "float64"),
  scalar("truncated", "bool"),
  scalar("input_tokens", "int64"),
  scalar("cached_input_tokens", "int64"),
  scalar("output_tokens", "int64"),
  scalar("cost_usd", "float64"),
  // Stays last: core/training reads it from the end of a line.
  text("text_sha256"),
];

export function metadataOf(record: TrajectoryRecord, measure: Measure, textSha256: string): Row {
  return {
    sample_id: record.sampleId,
    rollout_id: record.rolloutId,
    run_id: record.runId,
    function: record.function.id.toWellFormed(),
    path: record.function.path.toWellFormed(),
    language: record.function.language,
    kind: record.kind,
    replica: record.replica,
    seed: record.seed,
    repository: record.repository.name,
    commit: record.repository.commit,
    toolset: record.toolset,
    teacher: record.teacher.model,
    temperature: record.teacher.temperature,
    rehearsal: record.rehearsal,
    accepted: record.accepted,
    exit_status: record.exitStatus,
    recall: record.score?.recall ?? null,
    precision: record.score?.precision ?? null,
    recall_sera: record.score?.recallSera ?? null,
    patch_lines: changedLines(record.patch),
    patch: record.patch.toWellFormed(),
    pull_request: record.pullRequest?.toWellFormed() ?? null,
    steps: record.steps.length,
    tokens: measure.tokens,
    trained_tokens: measure.trainedTokens,
    total_tokens: measure.totalTokens,
    mean_observation_tokens: measure.meanObservationTokens,
    kept_ratio: measure.keptRatio,
    truncated: measure.keptTurns < measure.turns,
    input_tokens: record.usage.inputTokens,
    cached_input_tokens: record.usage.cachedInputTokens,
    output_tokens: record.usage.outputTokens,
    cost_usd: record.costMicroUsd / 1_000_000,
    text_sha256: textSha256,
  };
}
