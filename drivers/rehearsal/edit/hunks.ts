import type { SourceView } from "../source/outline.ts";
import type { Change } from "./change.ts";

/** Old lines [start, end) of a view and what takes their place. */
export interface Hunk {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** Combines the changes of several recipes; null when two of them want the same line. */
export function combine(groups: readonly (readonly Change[])[]): readonly Change[] | null {
  const replaced = new Set<number>();
  for (const change of groups.flat()) {
    if (change.kind !== "replace") continue;
    if (replaced.has(change.at)) return null;
    replaced.add(change.at);
  }
  return groups.flat();
}

/** Neighbouring changes together, last first, so that line numbers above stay true while the hunks are applied. */
export function hunksOf(view: SourceView, changes: readonly Change[]): readonly Hunk[] {
  const touched = changes.map((change) =>
    change.kind === "insert" ? { start: change.before, end: change.before } : { start: change.at, end: change.at + 1 },
  );
  const spans: { start: number; end: number }[] = [];
  for (const span of touched.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    const last = spans.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else spans.push({ ...span });
  }
  return spans.toReversed().map(({ start, end }) => ({ start, end, lines: rewritten(view, changes, start, end) }));
}

function rewritten(view: SourceView, changes: readonly Change[], start: number, end: number): readonly string[] {
  const lines: string[] = [];
  for (let index = start; index <= end; index += 1) {
    for (const change of changes) if (change.kind === "insert" && change.before === index) lines.push(...change.lines);
    if (index === end) break;
    const replacement = changes.find((change) => change.kind === "replace" && change.at === index);
    lines.push(replacement?.kind === "replace" ? replacement.line : (view.lines[index] ?? ""));
  }
  return lines;
}

/** A hunk with enough lines around it to occur once in the view; at most `most` lines on each side. */
export function withContext(view: SourceView, hunk: Hunk, least: number, most = 3): Hunk {
  for (let lines = least; ; lines += 1) {
    const start = Math.max(0, hunk.start - lines);
    const end = Math.min(view.lines.length, hunk.end + lines - 1);
    const wider = {
      start,
      end: Math.max(end, hunk.end),
      lines: [...view.lines.slice(start, hunk.start), ...hunk.lines, ...view.lines.slice(hunk.end, Math.max(end, hunk.end))],
    };
    if (lines >= most || occurrences(view, wider) === 1) return wider;
  }
}

function occurrences(view: SourceView, hunk: Hunk): number {
  const old = view.lines.slice(hunk.start, hunk.end).join("\n");
  if (old.trim() === "") return Number.POSITIVE_INFINITY;
  return view.lines.join("\n").split(old).length - 1;
}
