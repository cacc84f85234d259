/** `index` counts from 0, ids from 1. */
export const sampleIdOf = (runId: string, index: number): string => `${runId}-s${String(index + 1).padStart(6, "0")}`;
