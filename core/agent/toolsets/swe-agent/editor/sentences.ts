import { REVIEW_REQUEST, snippet } from "./snippet.ts";

/** What the editor answers, beside views and reasons for a refused replacement; the harness and the gateway say the same. */

export const doesNotExist = (path: string): string => `The path ${path} does not exist. Give the path of something that is there.`;

export const isFolder = (path: string): string => `The path ${path} is a folder, and only \`view\` works on folders.`;

export const isNeither = (path: string): string => `The path ${path} is neither a file nor a folder; this tool cannot work with it.`;

export const isBinary = (path: string): string => `The file ${path} is binary; this tool works on text.`;

export const cannotBeRead = (path: string): string => `The file ${path} cannot be read.`;

export const couldNotBeWritten = (path: string, reason: string): string => `The file ${path} could not be written: ${reason}`;

export const alreadyExists = (path: string): string =>
  `File already exists at: ${path}. The command \`create\` never overwrites; use \`str_replace\` or \`insert\`.`;

export const noParent = (parent: string): string => `The parent directory ${parent} does not exist. Create it first.`;

export const created = (path: string): string => `File created successfully at: ${path}`;

/** `text` is the file's after the edit; the part that was put in begins at `at` and is `length` long (UTF-16). */
export const edited = (path: string, text: string, at: number, length: number): string =>
  `The file ${path} has been edited. ${snippet(text, at, length, path)}${REVIEW_REQUEST}`;

export const noEditHistory = (path: string): string => `No edit history found for ${path}.`;

export const cannotBeUndone = (path: string): string =>
  `The last edit to ${path} cannot be undone: the file was changed at that place by something else since.`;

export const undone = (path: string, text: string, at: number, length: number): string =>
  `The last edit to ${path} was undone. ${snippet(text, at, length, path)}`;

export const creationUndone = (path: string): string => `The last edit to ${path} was its creation; it was undone and the file is gone.\n`;

export const couldNotBeRemoved = (path: string): string => `The file ${path} could not be removed.`;

export const NO_RANGE_FOR_FOLDERS = "The `view_range` parameter is not allowed when `path` is a folder.";

export const FOLDER_DEPTH = 2;
export const MAX_FOLDER_ENTRIES = 2_000;

/** `entries` are absolute paths, at most `MAX_FOLDER_ENTRIES`. */
export function folderView(path: string, entries: readonly string[]): string {
  const cut = entries.length >= MAX_FOLDER_ENTRIES ? `\nOnly the first ${MAX_FOLDER_ENTRIES} are shown.` : "";
  return `Here's the files and directories up to ${FOLDER_DEPTH} levels deep in ${path}, excluding hidden items:\n${[path, ...entries].join("\n")}${cut}\n`;
}
