import type { Action } from "../agent/action.ts";
import { lineCount, numberedLines } from "../agent/observe.ts";
import type { Draw } from "../draw.ts";
import { languageOf } from "../source/language.ts";
import type { GuestBelt } from "./belt.ts";
import type { GuestRequest } from "./request.ts";

/** A step, or the words that end the turn. */
export type GuestMove = Action | { readonly tool: null; readonly say: string; readonly think: string };
export type GuestScript = Generator<GuestMove, never, string>;

/** What earlier turns of the conversation leave behind. */
export interface GuestPast {
  readonly isFirst: boolean;
  /** The file that was read or changed last. */
  readonly path: string | null;
}

const WHO =
  "I am serac's rehearsal teacher: a script that stands in for a model, so that the way through the gateway can be tried without one.";

/** One turn: a look around, a file or two, at most one harmless line added where a change is asked for, and an account of it in words. */
export function* guestTurn(belt: GuestBelt, request: GuestRequest, past: GuestPast, draw: Draw): GuestScript {
  const seen: string[] = [];
  if (past.isFirst) {
    yield {
      ...belt.look(),
      say: `${WHO} First I look at what is here.`,
      think: "An overview first; then the place that the request names.",
    };
  }
  const path = yield* choosePath(belt, request, past, draw);
  if (path !== null && (past.isFirst || request.path !== null || request.asksForChange)) {
    const shown = yield { ...belt.read(path), say: `I read ${path}.`, think: `${path} is what this is about, as far as I can tell.` };
    if (numberedLines(shown) !== null) seen.push(path);
  }

  const line = path === null ? null : note(path, request);
  const changed = request.asksForChange && path !== null && line !== null && seen.length > 0 && (yield* addLine(belt, path, line));
  const say = account(request, path, seen, changed);
  for (;;) {
    const think = "That is all that a script can do here; I say so.";
    yield belt.submit === null ? { tool: null, say, think } : { ...belt.submit, say, think };
  }
}

/** True where the file shows the line at its end. */
function* addLine(belt: GuestBelt, path: string, line: string): Generator<GuestMove, boolean, string> {
  const count = belt.count(path);
  const lines = count === null ? 0 : lineCount(yield { ...count, say: "How long is it?", think: "I need the number of its last line." });
  if (lines === null) return false;
  yield {
    ...belt.append(path, lines, line),
    say: `A script cannot do what you ask, but it can show that edits work: I add one comment at the end of ${path}.`,
    think: "One line, harmless and easy to take back.",
  };
  const tail = yield { ...belt.tail(path), say: "Is it there?", think: "I check my own edit." };
  return tail.includes(line);
}

function* choosePath(belt: GuestBelt, request: GuestRequest, past: GuestPast, draw: Draw): Generator<GuestMove, string | null, string> {
  if (request.path !== null) return request.path;
  if (request.name !== null) {
    const found = yield { ...belt.search(request.name), say: `Where is ${request.name}?`, think: "The request names it; I look for it." };
    const first = pathsIn(found).find((path) => languageOf(path) !== null);
    if (first !== undefined) return first;
  }
  if (past.path !== null || !past.isFirst) return past.path;
  const listing = yield { ...belt.sources(), say: "Which sources are there?", think: "No file is named, so I pick one." };
  const paths = pathsIn(listing);
  return paths.length === 0 ? null : draw.pick(paths);
}

/** Paths at the beginnings of lines, as find and grep print them. */
const pathsIn = (observation: string): readonly string[] =>
  observation.split("\n").flatMap((line) => {
    const path = /^(?:\.\/|\/testbed\/)([^:\s]+\.\w+)(?::\d|\s*$)/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });

/** A comment in the file's own language; null for a kind of file that knows none, or that is unknown. */
function note(path: string, { quote }: GuestRequest): string | null {
  const words = `Rehearsal: asked for here: ${quote.replace(/[^\w\s.,:;!?'"()/-]/g, "").replace(/-{2,}/g, "-")}`.trim();
  if (/\.(?:md|markdown)$/i.test(path)) return `<!-- ${words} -->`;
  const language = languageOf(path);
  return language === null ? null : `${language.lineComment} ${words}`;
}

function account(request: GuestRequest, path: string | null, seen: readonly string[], changed: boolean): string {
  const parts = [`You wrote: "${request.quote}".`];
  if (seen.length > 0) parts.push(`I read ${seen.join(" and ")}.`);
  if (changed) parts.push(`I added one comment at the end of ${path}; remove it as you like.`);
  else if (request.asksForChange) parts.push("I changed nothing: I found no file that I could add a comment to.");
  else parts.push("I changed nothing.");
  parts.push(
    "What you see is the rehearsal's script, not a model's work: everything around it is real. Ask again, or name a file and a change.",
  );
  return parts.join(" ");
}
