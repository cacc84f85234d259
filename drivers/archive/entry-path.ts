import { treePath } from "../../core/survey/tree-path.ts";
import { printable, unsafe } from "./refusal.ts";

/** Linux: NAME_MAX and PATH_MAX (limits.h). */
const MAX_PART_BYTES = 255;
const MAX_PATH_BYTES = 4096;

export interface EntryPath {
  /** Relative, `/` between the parts, nothing empty, no `.` and no `..`; empty for the root itself. */
  readonly path: string;
  /** The name starts at the root explicitly, as in `./src`. */
  readonly isRooted: boolean;
  /** Part of git's own state, in any spelling that some file system takes for `.git`. */
  readonly isGitState: boolean;
  /** The path is latin-1 text, for showing only. */
  readonly isOddlyEncoded: boolean;
}

/** The path that an entry's name means. InputError("archive_unsafe") for one that leads anywhere else, or that no disk can hold. */
export function entryPath(archive: string, name: Uint8Array): EntryPath {
  const refuse = (what: string): never => {
    throw unsafe(archive, `the entry ${printable(name)} ${what}.`);
  };
  if (name.length === 0) refuse("has no name");
  if (name.includes(0)) refuse("has a NUL in its name");
  if (name.length > MAX_PATH_BYTES) refuse(`has a path of more than ${MAX_PATH_BYTES} bytes`);
  const text = Buffer.from(name).toString("latin1");
  if (text.startsWith("/")) refuse("has an absolute path");
  if (/^[a-z]:[\\/]/i.test(text)) refuse("starts with a drive letter");
  const [first, ...others] = text.replace(/\/$/, "").split("/");
  const isRooted = first === ".";
  const parts = (isRooted ? others : [first!, ...others]).filter((part) => part !== ".");
  if (parts.includes("..")) refuse("leads out of the archive");
  if (parts.includes("")) refuse("has an empty part in its path");
  if (parts.some((part) => part.length > MAX_PART_BYTES)) refuse(`has a name of more than ${MAX_PART_BYTES} bytes in its path`);
  if (parts.length === 0) return { path: "", isRooted: true, isGitState: false, isOddlyEncoded: false };
  const { path, problem } = treePath(Buffer.from(parts.join("/"), "latin1"));
  return { path, isRooted, isGitState: problem === "unsafe", isOddlyEncoded: problem === "encoding" };
}

/** Where a link at `path` leads, taken as text: nothing of it needs to exist. */
export function leadsOut(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}
