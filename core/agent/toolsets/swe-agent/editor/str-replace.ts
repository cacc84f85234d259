import { takeCharacters } from "../../../observation.ts";
import { hasCrlf, ownOffset, splitLines, type Line } from "./line-ends.ts";
import { findMatch, type Match } from "./match.ts";
import type { Splice } from "./splice.ts";
import { expandTabs, indentsWithTabs, lineEnd, shownText, tabIndent, type TextFile } from "./text-file.ts";

export type Planned = { readonly ok: true; readonly splice: Splice } | { readonly ok: false; readonly problem: string };

/** Where and by what a `str_replace` changes the file, or why it must not. */
export function planReplace(file: Pick<TextFile, "text">, path: string, oldText: string, newText: string): Planned {
  const isCrlf = hasCrlf(file.text);
  const wanted = isCrlf ? oldText.replaceAll("\r\n", "\n") : oldText;
  const given = isCrlf ? newText.replaceAll("\r\n", "\n") : newText;

  const shown = isCrlf ? shownText(file.text) : file.text.replace(/^\ufeff/, "");
  const found = findMatch(shown, wanted);
  if (found.kind === "none") {
    if (oldText === "") return refuse("old_str is empty. Use `insert` to add lines.");
    return refuse(`old_str \`${shortened(oldText)}\` did not appear verbatim in ${path}.`);
  }
  if (found.kind === "several") {
    return refuse(
      `old_str \`${shortened(oldText)}\` appears more than once, in lines [${found.lines.join(", ")}]. Make it unique by taking in more of its surroundings.`,
    );
  }
  const start = ownOffset(file.text, found.match.start);
  const end = ownOffset(file.text, found.match.end);
  const isTabBlind = !wanted.includes("\t") && !given.includes("\t") && indentsWithTabs(file.text);
  const replacement = asInFile(found.match, file.text.slice(start, end), given, lineEnd(file.text), isTabBlind);
  if (replacement === file.text.slice(start, end)) return refuse(`old_str \`${shortened(oldText)}\` and new_str are the same.`);
  return { ok: true, splice: { start, end, replacement } };
}

/** The reason must stay readable behind a whole file's text. */
const MAX_ECHO_CHARACTERS = 2_000;

function shortened(text: string): string {
  const kept = takeCharacters(text, MAX_ECHO_CHARACTERS);
  return kept.length === text.length ? text : `${kept}…`;
}

function refuse(reason: string): Planned {
  return { ok: false, problem: `No replacement was performed: ${reason}` };
}

/**
 * The new text in the file's own form: a line that stood there before keeps its tabs and its line end, a new one takes
 * the file's line end and, where the model wrote blanks for tabs, the file's indentation.
 */
function asInFile(match: Match, own: string, given: string, newEnd: "\n" | "\r\n", isTabBlind: boolean): string {
  const columnOf = (index: number) => (index === 0 ? match.column : 0);
  const before = splitLines(own);
  const known = new Map<string, Line>();
  if (match.isExpanded) before.forEach((line, index) => known.set(expandTabs(line.text, columnOf(index)), line));
  for (const line of before) known.set(line.text, line);
  const takesTabs = isTabBlind || (match.isExpanded && !given.includes("\t") && isTabIndented(before, match.column));

  const lines = (match.lead + given + match.tail).split("\n");
  return lines
    .map((line, index) => {
      const same = known.get(match.isExpanded ? expandTabs(line, columnOf(index)) : line);
      const text = same?.text ?? (takesTabs && columnOf(index) === 0 ? tabIndent(line) : line);
      if (index === lines.length - 1) return text;
      // As many lines as before: each keeps its place and its line end, also where a file mixes them.
      const end = lines.length === before.length ? before[index]!.end : same?.end;
      return text + (end || newEnd);
    })
    .join("");
}

function isTabIndented(lines: readonly Line[], column: number): boolean {
  return lines.some((line, index) => (index > 0 || column === 0) && line.text.startsWith("\t"));
}
