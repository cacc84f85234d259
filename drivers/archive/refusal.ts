import { InputError } from "../../core/errors/index.ts";

const MAX_SHOWN_CHARS = 200;

/** A name out of an archive, fit to be shown: nothing in it reaches a terminal as it is. */
export function printable(name: string | Uint8Array): string {
  const text = typeof name === "string" ? name : Buffer.from(name).toString("utf8");
  const shown = text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
  // JSON leaves DEL, the C1 controls and the marks that turn the direction of a text around as they are.
  return JSON.stringify(shown).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Each says what an archive did wrong; `archive` is how its owner knows it. */
export const unreadable = (
  archive: string,
  what: string,
  hint = "Make the archive again and upload it anew.",
  cause?: unknown,
): InputError => new InputError("archive_unreadable", `${archive}: ${what}`, { hint, cause });

export const unsafe = (
  archive: string,
  what: string,
  hint = "Make the archive from the folder of the repository itself, with git archive or tar.",
): InputError => new InputError("archive_unsafe", `${archive}: ${what}`, { hint });

export const tooLarge = (
  archive: string,
  what: string,
  hint = "Leave out what is not source code, such as build outputs, data and dependencies.",
): InputError => new InputError("archive_too_large", `${archive}: ${what}`, { hint });

export const wrongFormat = (archive: string, what: string): InputError =>
  new InputError("archive_format", `${archive}: ${what}`, {
    hint: "Allowed are tar.gz, tar.zst, tar, zip and git bundles; `git archive -o repo.tar.gz HEAD` and `git bundle create repo.bundle HEAD` make one.",
  });

export const emptyRepository = (archive: string): InputError =>
  new InputError("repository_empty", `${archive} holds no file.`, { hint: "Make the archive from a folder with source code." });

const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));

/**
 * Errors of the disk and of decompression, in words. Others, and what was said on purpose, as they are. A disk that an archive fills is
 * one of a function, which nobody can tidy up, so that it is the archive that has to become smaller; hence no cause that says otherwise.
 */
export function translated(archive: string, error: unknown): unknown {
  if (isCode(error, "ENOSPC", "EDQUOT")) {
    return tooLarge(archive, "there is no room on the disk to unpack it.");
  }
  if (error instanceof Error && "code" in error && /^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))) {
    return unreadable(archive, `its compressed data is damaged or cut off (${error.message}).`, undefined, error);
  }
  return error;
}
