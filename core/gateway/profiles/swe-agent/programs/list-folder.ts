import { posix } from "node:path";
import { FOLDER_DEPTH, folderView, MAX_FOLDER_ENTRIES } from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import { readBashResult } from "../results/index.ts";
import { quotePath } from "../quote-path.ts";
import type { Ground } from "../program.ts";
import type { Memory } from "../memory.ts";
import type { Part } from "./read-lines.ts";
import { WORKSPACE } from "../../../../agent/sandbox.ts";

/** Whether a path is worth a try as a folder before it is read as a file. */
export function looksLikeFolder(path: string, asWritten: string, { files, folders }: Memory): boolean {
  if (files.has(path)) return false;
  if (path === WORKSPACE || folders.has(path) || asWritten.endsWith("/")) return true;
  return posix.extname(posix.basename(path)) === "" && !posix.basename(path).startsWith(".");
}

/**
 * What lies in a folder, as the harness shows it. Null when it is none: the slash at the end makes find say so, in the words of whatever
 * find the client's machine has, and with or without an exit code, so that what is no entry is all that tells.
 */
export function* listFolder(path: string, { paths }: Ground): Part<string | null> {
  const clientPath = `${paths.toClient(path)}/`;
  const command = `find ${quotePath(clientPath)} -mindepth 1 -maxdepth ${FOLDER_DEPTH} -name '.*' -prune -o -print | sort`;
  const answer = readBashResult((yield { name: "Bash", input: { command, description: `List ${path}` } }).result);
  if (answer.kind !== "output") return null;
  const printed = answer.text.split("\n").filter((line) => line !== "");
  const entries = printed.filter((line) => line.startsWith(clientPath));
  if (entries.length === 0 && printed.length > 0) return null;
  const shown = entries.map((line) => `${path}/${line.slice(clientPath.length)}`).toSorted();
  return folderView(path, shown.slice(0, MAX_FOLDER_ENTRIES));
}
