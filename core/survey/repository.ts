/** Port: one immutable tree of files (a git commit, or a snapshot of a plain folder). Implemented by drivers/git. */
export interface RepositorySource {
  /** What the user gave, for messages. */
  readonly origin: string;
  /** 40 hex digits; null for a plain folder. */
  readonly commit: string | null;
  /** Sorted by path (code units). Paths use `/`, are relative, and never leave the tree. */
  files(): AsyncIterable<RepositoryFile>;
  /** Newest first: texts that describe changes (merge and commit messages), for demonstrations. Empty for a plain folder. */
  changeTexts(limit: number): Promise<readonly string[]>;
  /** Notes for a person: uncommitted changes left out, shallow history, submodules… */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface RepositoryFile {
  readonly path: string;
  readonly kind: "file" | "symlink" | "submodule" | "unreadable";
  readonly executable: boolean;
  /** Bytes; 0 where kind is not `file`. */
  readonly size: number;
  /** File content; for a symlink its target. */
  read(): Promise<Uint8Array>;
}
