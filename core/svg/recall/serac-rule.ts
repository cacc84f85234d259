import { changesOf } from "../patch/changed-lines.ts";
import type { PatchFile } from "../patch/index.ts";

/**
 * Our rule: the changes are (file, sign, line), read by the patch's hunk counts, without a CR at the end; blank ones do not count.
 * A renamed file is the file that it was before, on both sides: a patch that edits `old`, one that renames it to `new` with the
 * same edits, and one that writes `new` afresh where the other renames, all speak of one file.
 */
export function seracChanges(files: readonly PatchFile[], other: readonly PatchFile[]): readonly string[] {
  const renames = new Map(other.filter((file) => file.kind === "rename").map((file) => [file.newPath, file.oldPath]));
  const changes: string[] = [];
  let name = "";
  let last: PatchFile | null = null;
  for (const { file, line } of changesOf(files)) {
    if (line.slice(1).trim() === "") continue;
    if (file !== last) {
      last = file;
      name = nameOf(file, renames);
    }
    changes.push(`${name}\0${line.endsWith("\r") ? line.slice(0, -1) : line}`);
  }
  return changes;
}

function nameOf(file: PatchFile, renames: ReadonlyMap<string | null, string | null>): string {
  if (file.kind === "rename") return file.oldPath!;
  if (file.kind === "add") return renames.get(file.newPath) ?? file.newPath!;
  return file.newPath ?? file.oldPath!;
}
