/** What a word of bash may hold without quotes. */
const PLAIN = /^[\p{L}\p{N}\p{M}_./@%+=:,~-]+$/u;

type Context = "word" | "double" | "single" | "ansi" | "document" | "open-document";

const WRITTEN: Readonly<Record<Context, (path: string) => string>> = {
  word: (path) => path.replace(/[^\p{L}\p{N}\p{M}_./@%+=:,~-]/gu, "\\$&"),
  double: (path) => path.replace(/["$`\\]/g, "\\$&"),
  single: (path) => path.replaceAll("'", `'\\''`),
  ansi: (path) => path.replace(/['\\]/g, "\\$&"),
  document: (path) => path,
  "open-document": (path) => path.replace(/[$`\\]/g, "\\$&"),
};

/**
 * How a path has to be written at each place of a bash command: in a bare word, in quotes, in a here-document. Not a shell parser; places
 * must be asked for from left to right. Null when the path needs no quotes anywhere.
 */
export function createQuoting(path: string): ((command: string) => (at: number) => string) | null {
  if (PLAIN.test(path)) return null;
  return (command) => {
    const contexts = readContexts(command);
    let current = contexts.next();
    let place: Place = { at: 0, context: "word", isInBackticks: false };
    return (at) => {
      for (; current.done !== true && current.value.at <= at; current = contexts.next()) place = current.value;
      const written = WRITTEN[place.context](path);
      // Backticks take a layer of backslashes away before anything else is read.
      return place.isInBackticks ? written.replace(/[$`\\]/g, "\\$&") : written;
    };
  };
}

interface Place {
  readonly at: number;
  readonly context: Context;
  readonly isInBackticks: boolean;
}

interface Document {
  readonly end: string;
  readonly isOpen: boolean;
  readonly stripsTabs: boolean;
}

const DOCUMENT = /<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|(\\?)([A-Za-z_][\w.]*))/y;

/** Each place from which another context holds. `$(` and backticks begin words again, also within quotes. */
function* readContexts(command: string): Generator<Place> {
  const open: Context[] = [];
  const closers: string[] = [];
  let context = "word" as Context;
  let backticks = 0;
  let documents: Document[] = [];
  for (let at = 0; at < command.length; at++) {
    const character = command[at]!;
    if (context === "single" || context === "ansi") {
      if (context === "ansi" && character === "\\") at++;
      else if (character === "'") yield place(at + 1, open.pop() ?? "word");
      continue;
    }
    if (character === "\\") at++;
    else if (character === '"') {
      yield place(at + 1, context === "double" ? (open.pop() ?? "word") : enter("double"));
    } else if (character === "$" && command[at + 1] === "(") {
      closers.push(")");
      yield place(++at + 1, enter("word"));
    } else if (character === "`" && closers.at(-1) !== "`") {
      closers.push("`");
      backticks++;
      yield place(at + 1, enter("word"));
    } else if (context === "word") {
      if (character === closers.at(-1)) {
        if (closers.pop() === "`") backticks--;
        yield place(at + 1, open.pop() ?? "word");
      } else if (character === "(") {
        closers.push(")");
        yield place(at + 1, enter("word"));
      } else if (character === "#" && /[\s;&|(]/.test(command[at - 1] ?? " ")) {
        // An apostrophe in a comment quotes nothing.
        const lineEnd = command.indexOf("\n", at);
        at = (lineEnd === -1 ? command.length : lineEnd) - 1;
      } else if (character === "'") yield place(at + 1, enter(command[at - 1] === "$" ? "ansi" : "single"));
      else if (character === "<" && command[at + 1] === "<") {
        if (command[at + 2] === "<") at += 2;
        else {
          DOCUMENT.lastIndex = at;
          const found = DOCUMENT.exec(command);
          if (found === null) continue;
          const [all, dash, single, double, escape, bare] = found;
          documents.push({ end: single ?? double ?? bare!, isOpen: bare !== undefined && escape === "", stripsTabs: dash === "-" });
          at += all.length - 1;
        }
      } else if (character === "\n" && documents.length > 0) {
        for (const document of documents) {
          yield { at: at + 1, context: document.isOpen ? "open-document" : "document", isInBackticks: false };
          at = endOfDocument(command, at + 1, document);
        }
        documents = [];
        yield place(at + 1, context);
      }
    }
  }

  function place(from: number, now: Context): Place {
    context = now;
    return { at: from, context, isInBackticks: backticks > 0 };
  }

  function enter(next: Context): Context {
    open.push(context);
    return next;
  }
}

/** Where the line break in front of the closing line's end stands, or the command's end. */
function endOfDocument(command: string, from: number, { end, stripsTabs }: Document): number {
  for (let start = from; start < command.length;) {
    const lineEnd = command.indexOf("\n", start);
    const line = command.slice(start, lineEnd === -1 ? undefined : lineEnd);
    if ((stripsTabs ? line.replace(/^\t+/, "") : line) === end) return lineEnd === -1 ? command.length : lineEnd;
    if (lineEnd === -1) break;
    start = lineEnd + 1;
  }
  return command.length;
}
