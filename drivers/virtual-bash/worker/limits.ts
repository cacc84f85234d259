import type { BashOptions } from "just-bash";

const MB = 1_000_000;

/**
 * Bounds of one command inside a thread's heap (512 MB by default): a thread that runs out of heap in one large allocation takes
 * the process with it, so no string, array or expansion may come near.
 */
export const EXECUTION_LIMITS: NonNullable<BashOptions["executionLimits"]> = {
  maxStringLength: 16 * MB,
  maxLiveBytes: 96 * MB,
  maxOutputSize: 96 * MB,
  maxInputBytes: 128 * MB,
  maxHeredocSize: 4 * MB,
  maxSourceBytes: 4 * MB,
  maxArrayElements: 200_000,
  maxBraceExpansionResults: 50_000,
  maxQueryElements: 200_000,
  maxCsvRows: 200_000,
  maxCsvCells: 1_000_000,
  maxArchiveBytes: 64 * MB,
  maxArchiveCompressedBytes: 64 * MB,
  maxArchiveEntryBytes: 32 * MB,
  maxArchiveEntries: 100_000,
  maxDatabaseBytes: 32 * MB,
  maxDatabaseResultBytes: 16 * MB,
  maxExecutionTimeMs: 24 * 3600 * 1000,
};
