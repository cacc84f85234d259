/** Port: named blobs. Keys are `/`-separated, relative, without `..`; the layout is the same on disk and in S3. */
export interface ArtifactStore {
  /** Atomic: readers see the old content or the new one. */
  put(key: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void>;
  /** SeracError("artifact_missing") when absent. */
  get(key: string): Promise<Uint8Array>;
  stream(key: string): AsyncIterable<Uint8Array>;
  exists(key: string): Promise<boolean>;
  /** Keys below the prefix, sorted by code point. */
  list(prefix: string): AsyncIterable<string>;
  remove(key: string): Promise<void>;
  /** Where a person finds it: a file path, or an s3:// address. */
  locate(key: string): string;
}
