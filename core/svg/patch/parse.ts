import { InputError } from "../../errors/index.ts";
import { readGitHeader, withoutPrefixes, type PathPair } from "./git-header.ts";
import type { Hunk, PatchFile } from "./patch-file.ts";
import { pathOfHeader } from "./quoted-path.ts";

const HUNK_HEADER = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * Reads a unified diff, git's or plain, by its hunk counts: a line inside a hunk is never taken for a header. Text around the
 * files (a mail, a commit message) is skipped. An empty or white text is an empty patch. Anything that is no patch, is cut off,
 * or is a combined diff throws InputError("not_a_patch") with the line. Linear in the text.
 */
export function parsePatch(text: string): readonly PatchFile[] {
  const cursor: Cursor = { lines: text.split("\n"), at: 0 };
  const files: PatchFile[] = [];
  while (cursor.at < cursor.lines.length) {
    const line = cursor.lines[cursor.at]!;
    if (line.startsWith("diff --git ")) files.push(readGitFile(cursor));
    else if (isPlainHeader(cursor)) files.push(readPlainFile(cursor));
    else if (line.startsWith("diff --cc ") || line.startsWith("diff --combined ") || line.startsWith("@@@ ")) {
      throw notAPatch(cursor, "this is a combined diff of a merge");
    } else if (HUNK_HEADER.test(line)) throw notAPatch(cursor, "a hunk stands before any file header");
    else cursor.at++;
  }
  if (files.length === 0 && text.trim() !== "") {
    throw new InputError("not_a_patch", "This is not a patch: it holds no file header (`diff --git …`, or `--- …` and `+++ …`).", {
      hint: HINT,
    });
  }
  return files;
}

const HINT = "A unified diff is expected, as `git diff` or `diff -u` writes it.";

interface Cursor {
  readonly lines: readonly string[];
  at: number;
}

function notAPatch(cursor: Cursor, why: string): InputError {
  return new InputError("not_a_patch", `This is not a patch: line ${cursor.at + 1}: ${why}.`, { hint: HINT });
}

const headerAt = (cursor: Cursor, offset = 0): string => (cursor.lines[cursor.at + offset] ?? "").replace(/\r$/, "");

function isPlainHeader(cursor: Cursor): boolean {
  return headerAt(cursor).startsWith("--- ") && headerAt(cursor, 1).startsWith("+++ ");
}

function readGitFile(cursor: Cursor): PatchFile {
  const header = readGitHeader(headerAt(cursor).slice("diff --git ".length));
  if (header === null) throw notAPatch(cursor, "the paths of this `diff --git` line cannot be read");
  cursor.at++;
  const extended = readExtendedHeaders(cursor);
  if (headerAt(cursor) === "GIT binary patch") return gitFile(header, extended, { isBinary: true, binary: readBinary(cursor), hunks: [] });
  if (/^Binary files .* differ$/.test(headerAt(cursor))) {
    cursor.at++;
    return gitFile(header, extended, { isBinary: true, binary: [], hunks: [] });
  }
  if (!isPlainHeader(cursor)) return gitFile(header, extended, { isBinary: false, binary: [], hunks: [] });
  const paths = readPathLines(cursor);
  return gitFile(paths, extended, { isBinary: false, binary: [], hunks: readHunks(cursor) });
}

const EXTENDED =
  /^(?:(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to) (.*)|(?:similarity index|dissimilarity index|index) .*)$/;

function readExtendedHeaders(cursor: Cursor): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (; cursor.at < cursor.lines.length; cursor.at++) {
    const match = EXTENDED.exec(headerAt(cursor));
    if (match === null) break;
    if (match[1] !== undefined) values.set(match[1], match[2]!);
  }
  return values;
}

function gitFile(pair: PathPair, extended: ReadonlyMap<string, string>, body: Pick<PatchFile, "isBinary" | "binary" | "hunks">): PatchFile {
  const paths = withoutPrefixes(pair);
  const modes = {
    oldMode: extended.get("old mode") ?? extended.get("deleted file mode") ?? null,
    newMode: extended.get("new mode") ?? extended.get("new file mode") ?? null,
  };
  for (const kind of ["rename", "copy"] as const) {
    const from = pathOfHeader(extended.get(`${kind} from`) ?? "");
    const to = pathOfHeader(extended.get(`${kind} to`) ?? "");
    if (from && to) return { kind, oldPath: from, newPath: to, ...modes, ...body };
  }
  const isAdded = extended.has("new file mode") || paths.old === "/dev/null";
  const isDeleted = extended.has("deleted file mode") || paths.new === "/dev/null";
  return {
    kind: isAdded ? "add" : isDeleted ? "delete" : "change",
    oldPath: isAdded ? null : paths.old,
    newPath: isDeleted ? null : paths.new,
    ...modes,
    ...body,
  };
}

function readPlainFile(cursor: Cursor): PatchFile {
  const paths = withoutPrefixes(readPathLines(cursor));
  const oldPath = paths.old === "/dev/null" ? null : paths.old;
  const newPath = paths.new === "/dev/null" ? null : paths.new;
  const hunks = readHunks(cursor);
  if (hunks.length === 0) throw notAPatch(cursor, "a hunk (`@@ -1,2 +1,2 @@`) is expected after `--- …` and `+++ …`");
  const kind = oldPath === null ? "add" : newPath === null ? "delete" : "change";
  return { kind, oldPath, newPath, oldMode: null, newMode: null, isBinary: false, binary: [], hunks };
}

function readPathLines(cursor: Cursor): PathPair {
  const old = pathOfHeader(headerAt(cursor).slice(4));
  if (old === null) throw notAPatch(cursor, "the quoted path cannot be read");
  cursor.at++;
  const fresh = pathOfHeader(headerAt(cursor).slice(4));
  if (fresh === null) throw notAPatch(cursor, "the quoted path cannot be read");
  cursor.at++;
  return { old, new: fresh };
}

function readHunks(cursor: Cursor): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (;;) {
    const match = HUNK_HEADER.exec(cursor.lines[cursor.at] ?? "");
    if (match === null) break;
    cursor.at++;
    hunks.push(readHunk(cursor, match));
  }
  const next = headerAt(cursor);
  const isSignature = /^--[ ]?$/.test(next);
  if (next.startsWith("@@@ ")) throw notAPatch(cursor, "this is a combined diff of a merge");
  if (next.startsWith("@@")) throw notAPatch(cursor, "this hunk header cannot be read");
  if (/^[+ -]/.test(next) && !isSignature && !isPlainHeader(cursor)) {
    throw notAPatch(cursor, "the hunk before this line has more lines than its header says");
  }
  return hunks;
}

function readHunk(cursor: Cursor, header: RegExpExecArray): Hunk {
  const start = cursor.at;
  const oldLines = Number(header[2] ?? 1);
  const newLines = Number(header[4] ?? 1);
  let old = oldLines;
  let fresh = newLines;
  while (old > 0 || fresh > 0) {
    const line = cursor.lines[cursor.at];
    // The last piece of a split text is what follows the final LF: no line when it is empty.
    if (line === undefined || (line === "" && cursor.at === cursor.lines.length - 1)) {
      throw notAPatch(cursor, `the hunk that starts at line ${start} is cut off: ${old} old and ${fresh} new lines are missing`);
    }
    const sign = line[0];
    if (sign === "+") fresh--;
    else if (sign === "-") old--;
    // Some tools strip the single blank of an empty context line.
    else if (sign === " " || sign === undefined || line === "\r") {
      old--;
      fresh--;
    } else if (sign !== "\\") throw notAPatch(cursor, "a line of a hunk starts with blank, `+`, `-` or `\\`");
    if (old < 0 || fresh < 0) throw notAPatch(cursor, `the hunk that starts at line ${start} does not agree with its header`);
    cursor.at++;
  }
  if (cursor.lines[cursor.at]?.startsWith("\\ ") === true) cursor.at++;
  return {
    oldStart: Number(header[1]),
    oldLines,
    newStart: Number(header[3]),
    newLines,
    lines: cursor.lines.slice(start, cursor.at).map((line) => (line === "" || line === "\r" ? ` ${line}` : line)),
  };
}

/** `literal N` or `delta N` blocks of base 85 lines, each ended by an empty line. Source: git's apply.c, `parse_binary_hunk`. */
function readBinary(cursor: Cursor): readonly string[] {
  const body: string[] = [];
  cursor.at++;
  while (/^(?:literal|delta) \d+$/.test(headerAt(cursor))) {
    for (; cursor.at < cursor.lines.length && headerAt(cursor) !== ""; cursor.at++) body.push(headerAt(cursor));
    cursor.at++;
  }
  if (body.length === 0) throw notAPatch(cursor, "`literal` or `delta` is expected after `GIT binary patch`");
  return body;
}
