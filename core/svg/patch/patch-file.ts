/** One file of a patch. Paths are without the `a/` and `b/` prefixes; null stands for /dev/null. */
export interface PatchFile {
  readonly oldPath: string | null;
  readonly newPath: string | null;
  readonly kind: "change" | "add" | "delete" | "rename" | "copy";
  readonly oldMode: string | null;
  readonly newMode: string | null;
  readonly isBinary: boolean;
  /** Body of a `GIT binary patch`, line by line; empty for text and for `Binary files differ`. */
  readonly binary: readonly string[];
  readonly hunks: readonly Hunk[];
}

export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** With their sign: ` `, `+`, `-`, and `\` for a "no newline" marker. Split on LF alone, so a CR stays at the end. */
  readonly lines: readonly string[];
}
