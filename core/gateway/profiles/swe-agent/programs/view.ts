import { asInteger } from "../../../../agent/toolsets/swe-agent/editor/insert.ts";
import { catView, MAX_VIEW_CHARACTERS } from "../../../../agent/toolsets/swe-agent/editor/numbered.ts";
import { isFolder, NO_RANGE_FOR_FOLDERS } from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import { readViewRange } from "../../../../agent/toolsets/swe-agent/editor/view-range.ts";
import { observation } from "../../../../agent/observation.ts";
import { observed, type Ground, type Outcome, type Program } from "../program.ts";
import { listFolder, looksLikeFolder } from "./list-folder.ts";
import { readLines, type Part } from "./read-lines.ts";
import { readWhole } from "./read-whole.ts";
import { unreadable } from "./unreadable.ts";

/**
 * `view` of a file or folder. Where the harness shows the map of a long file in a language that it can parse, the gateway, which has no
 * parser, shows the file's beginning with the hint that goes with it.
 */
export function* view(path: string, asWritten: string, range: unknown, ground: Ground): Program {
  if (looksLikeFolder(path, asWritten, ground.memory)) {
    const listed = yield* listFolder(path, ground);
    if (listed !== null) return folder(path, listed, range);
  }
  const asked = range === undefined ? null : plainRange(range);
  if (asked !== null) {
    const seen = yield* viewRange(path, asked, ground);
    if (seen !== null) return seen;
  }
  const isMistaken = range !== undefined && asked === null;
  const read = yield* readWhole(ground.paths.toClient(path), isMistaken ? Infinity : endOf(asked), ground);
  if (read.kind !== "text") {
    if (read.kind !== "other" || read.result.kind !== "folder") return observed(observation(unreadable(path, read, ground.paths)));
    const listed = yield* listFolder(path, ground);
    return listed === null ? observed(observation(isFolder(path)), { type: "folder", path }) : folder(path, listed, range);
  }
  const text = ground.paths.toModel(read.text);
  return range === undefined ? file(path, catView(text, path)) : file(path, viewLines(path, range, text.split("\n")));
}

/** A part that is small enough for one Read. Null when it was not, or is no file. */
function* viewRange(path: string, { first, last }: PlainRange, ground: Ground): Part<Outcome | null> {
  const { paths } = ground;
  const limit = last === -1 ? {} : { limit: last - first + 1 };
  const read = yield* readLines(paths.toClient(path), { offset: first, ...limit }, ground);
  if (read.kind === "empty") return file(path, viewLines(path, [first, last], [""]));
  if (read.kind === "beyond-end") {
    if (read.lineCount === null) return null;
    return file(
      path,
      viewLines(
        path,
        [first, last],
        Array.from({ length: read.lineCount }, () => ""),
      ),
    );
  }
  if (read.kind !== "lines") return null;
  // The lines in front are known to be there, and are not shown.
  const lines = [...Array.from({ length: first - 1 }, () => ""), ...paths.toModel(read.lines.join("\n")).split("\n")];
  return file(path, viewLines(path, [first, last], lines));
}

function viewLines(path: string, range: unknown, lines: readonly string[]): string {
  const read = readViewRange(range, lines.length);
  return read.ok ? catView(lines.slice(read.first - 1, read.last).join("\n"), path, read.first) : read.problem;
}

interface PlainRange {
  readonly first: number;
  /** -1 for the end. */
  readonly last: number;
}

/** A range that may be right, depending on the file's length alone. */
function plainRange(range: unknown): PlainRange | null {
  if (!Array.isArray(range) || range.length !== 2) return null;
  const [first, last] = range.map(asInteger);
  if (first == null || last == null || first < 1 || (last !== -1 && last < first)) return null;
  return { first, last };
}

/** Enough of a file to show all that the limit lets through, from its beginning. Characters. */
function endOf(asked: PlainRange | null): number {
  return asked === null ? MAX_VIEW_CHARACTERS : Infinity;
}

function file(path: string, text: string): Outcome {
  return observed(observation(text), { type: "file", path });
}

function folder(path: string, listed: string, range: unknown): Outcome {
  return observed(observation(range === undefined ? listed : NO_RANGE_FOR_FOLDERS), { type: "folder", path });
}
