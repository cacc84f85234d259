import type { FileStat, Sandbox } from "../../../sandbox.ts";
import { functionBodies } from "../../../../survey/function-bodies.ts";
import { countCharacters } from "../../../observation.ts";
import { fileMap } from "./file-map.ts";
import { loadFile } from "./load.ts";
import { catView, MAX_VIEW_CHARACTERS } from "./numbered.ts";
import { FOLDER_DEPTH, folderView, MAX_FOLDER_ENTRIES, NO_RANGE_FOR_FOLDERS } from "./sentences.ts";
import { shownText } from "./text-file.ts";
import { readViewRange } from "./view-range.ts";

/** What `view` shows of something that exists. */
export async function view(sandbox: Sandbox, path: string, stat: FileStat, range: unknown): Promise<string> {
  if (stat.kind === "directory") {
    if (range !== undefined) return NO_RANGE_FOR_FOLDERS;
    return viewFolder(sandbox, path);
  }
  const loaded = await loadFile(sandbox, path, stat.size);
  if (!loaded.ok) return loaded.problem;
  const shown = shownText(loaded.file.text);
  if (range !== undefined) {
    const lines = shown.split("\n");
    const read = readViewRange(range, lines.length);
    if (!read.ok) return read.problem;
    return catView(lines.slice(read.first - 1, read.last).join("\n"), path, read.first);
  }
  const isLong = shown.length > MAX_VIEW_CHARACTERS && countCharacters(shown) > MAX_VIEW_CHARACTERS;
  return (isLong ? await mapOf(path, shown) : null) ?? catView(shown, path);
}

/** Null as well where the parser fails: a hostile file must cost no more than its map. */
async function mapOf(path: string, shown: string): Promise<string | null> {
  const bodies = await functionBodies(path, shown).catch(() => null);
  return bodies === null ? null : fileMap(shown, bodies);
}

async function viewFolder(sandbox: Sandbox, path: string): Promise<string> {
  const entries = await sandbox.list(path, FOLDER_DEPTH, MAX_FOLDER_ENTRIES);
  return folderView(
    path,
    entries.map((entry) => entry.path),
  );
}
