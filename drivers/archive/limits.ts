const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** What a repository in an archive may cost to open. Bytes, unless said otherwise. */
export interface ArchiveLimits {
  readonly archiveBytes: number;
  /** All files together; for a stream, with what stands between them. */
  readonly unpackedBytes: number;
  readonly fileBytes: number;
  /** A count: files, links and folders. */
  readonly entries: number;
  /** Unpacked to packed. Counts from `ratioFromBytes` unpacked bytes on: text that repeats itself does compress well. */
  readonly ratio: number;
  readonly ratioFromBytes: number;
  /** One object of a git bundle; git itself stops making deltas at 512 MiB. */
  readonly objectBytes: number;
  /** A count: all objects in the history of a bundle. */
  readonly objects: number;
  /** What reading a bundle's history may unpack in all; a history is often a hundred times its pack. */
  readonly historyBytes: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  archiveBytes: 2 * GIBIBYTE,
  unpackedBytes: 8 * GIBIBYTE,
  fileBytes: 2 * GIBIBYTE,
  entries: 1_000_000,
  ratio: 200,
  ratioFromBytes: 100 * MEBIBYTE,
  objectBytes: 256 * MEBIBYTE,
  objects: 10_000_000,
  historyBytes: 64 * GIBIBYTE,
};
