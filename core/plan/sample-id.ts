/** `index` counts from 0, ids from 1. */
export const sampleIdOf = (runId: string, index: number): string => `${runId}-s${String(index + 1).padStart(6, "0")}`;

export interface SamplePlace {
  readonly runId: string;
  readonly index: number;
}

/** The run and the index in the id of a sample, of one of its rollouts or of a journal stream; null for any other text. */
export function placeOfSample(id: string): SamplePlace | null {
  // The last one: a run may have the name of a repository that looks like a sample itself.
  const found = /^(.+)-s(\d{6,})(?=$|-)/.exec(id);
  return found === null ? null : { runId: found[1]!, index: Number(found[2]) - 1 };
}
