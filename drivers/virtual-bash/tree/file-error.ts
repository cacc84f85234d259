export type FileErrorCode = "EEXIST" | "EFBIG" | "EINVAL" | "EISDIR" | "ELOOP" | "ENOENT" | "ENOSPC" | "ENOTDIR" | "ENOTEMPTY" | "EROFS";

const TEXTS: Readonly<Record<FileErrorCode, string>> = {
  EEXIST: "file already exists",
  EFBIG: "file too large",
  EINVAL: "invalid argument",
  EISDIR: "illegal operation on a directory",
  ELOOP: "too many levels of symbolic links",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EROFS: "read-only file system",
};

/** In the words of Node's own file errors, which is what the shell's commands look for. */
export class FileError extends Error {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, operation: string, path: string) {
    super(`${code}: ${TEXTS[code]}, ${operation} '${path}'`);
    this.name = "FileError";
    this.code = code;
  }

  /** For a person, without the code. */
  get reason(): string {
    return TEXTS[this.code];
  }
}
