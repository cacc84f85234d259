import type { SampleRecord } from "./sample.ts";

/** Ids and artefact keys. The layout is the same in a folder and in S3 (see docs/architecture.md). */

export const firstRolloutId = (sampleId: string, attempt: number): string => `${sampleId}-first${attempt}`;
export const secondRolloutId = (sampleId: string, attempt = 1): string => `${sampleId}-second${attempt}`;
/** The attempt that an id of `secondRolloutId` names. */
export const secondAttempt = (rolloutId: string): number => Number(rolloutId.slice(rolloutId.lastIndexOf("-second") + "-second".length));
/** Journal streams of the single calls. */
export const judgeStreamId = (rolloutId: string): string => `${rolloutId}-judge`;
export const describeStreamId = (sampleId: string): string => `${sampleId}-describe`;
export const rewriteStreamId = (sampleId: string): string => `${describeStreamId(sampleId)}-rewrite`;

/** Every journal stream that a sample may have by now, in the order of its life. */
export function streamsOf({ id, attempts, firstAccepted, secondRolloutId: second }: SampleRecord): readonly string[] {
  const firsts = upTo(attempts).map((attempt) => firstRolloutId(id, attempt));
  const seconds = upTo(second === null ? 0 : secondAttempt(second)).map((attempt) => secondRolloutId(id, attempt));
  const texts = firstAccepted ? [describeStreamId(id), rewriteStreamId(id)] : [];
  return [...firsts.flatMap((rollout) => [rollout, judgeStreamId(rollout)]), ...texts, ...seconds];
}

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1);

export const configKey = (runId: string): string => `runs/${runId}/config.yaml`;
export const functionsKey = (runId: string): string => `runs/${runId}/functions.jsonl`;
export const skippedKey = (runId: string): string => `runs/${runId}/skipped.jsonl`;
/** What the user gave; absent when nothing was. */
export const givenDemonstrationsKey = (runId: string): string => `runs/${runId}/given-demonstrations.json`;
/** What there is to say of the repository, for a person. */
export const notesKey = (runId: string): string => `runs/${runId}/notes.json`;
/** What the writer is shown. */
export const demonstrationsKey = (runId: string): string => `runs/${runId}/demonstrations.json`;
/** The run's own copy of the archive that it was made from. */
export const archiveKey = (runId: string): string => `runs/${runId}/repository`;
export const trajectoryKey = (runId: string, rolloutId: string): string => `runs/${runId}/rollouts/${rolloutId}/trajectory.json.zst`;
export const patchKey = (runId: string, rolloutId: string): string => `runs/${runId}/rollouts/${rolloutId}/patch.diff`;
export const queueOf = (runId: string): string => `run-${runId}`;
