/**
 * Programs that would sit and wait for a keyboard. The list is SWE-agent's; unlike there, whole words are compared at
 * the head of each simple command, so that `vitest`, `makemigrations` and `virtualenv` are nobody's prefix.
 */
const INTERACTIVE: ReadonlySet<string> = new Set(["vim", "vi", "emacs", "nano", "gdb", "less"]);
/** Interactive only when called with nothing to do. */
const INTERACTIVE_WHEN_BARE: ReadonlySet<string> = new Set(["python", "python3", "ipython", "bash", "sh", "su"]);
const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*=/;
/** Words that may stand before the program's own name. */
const PREFIXES: ReadonlySet<string> = new Set([
  "if",
  "then",
  "else",
  "elif",
  "while",
  "until",
  "do",
  "!",
  "{",
  "time",
  "exec",
  "command",
  "sudo",
]);

/** Why a command must not run, as a sentence for the model; null when it may. */
export function blockedReason(command: string): string | null {
  for (const { words, isPiped } of simpleCommands(command)) {
    const program = interactiveProgram(words);
    // At the end of a pipe the same programs read the pipe, not a keyboard.
    if (program !== null && !isPiped) return `\`${program}\` is interactive and cannot be used here; nothing was run.`;
  }
  return null;
}

function interactiveProgram(words: readonly string[]): string | null {
  const headAt = words.findIndex((word) => !ASSIGNMENT.test(word) && !PREFIXES.has(word));
  if (headAt === -1) return null;
  const head = words[headAt]!;
  const rest = words.slice(headAt + 1);
  const program = head.slice(head.lastIndexOf("/") + 1);
  if (INTERACTIVE.has(program)) return program;
  if (INTERACTIVE_WHEN_BARE.has(program) && rest.length === 0) return program;
  if (program === "tail" && rest.some((word) => /^-[a-zA-Z0-9]*[fF]|^--follow/.test(word))) return "tail -f";
  return null;
}

interface SimpleCommand {
  readonly words: readonly string[];
  readonly isPiped: boolean;
}

/**
 * The words of each simple command, quotes respected, up to the first here-document: what follows it is data.
 * Not a shell parser; where it cannot tell, it lets the command pass, and the time limit does the rest.
 */
function simpleCommands(command: string): readonly SimpleCommand[] {
  const found: SimpleCommand[] = [];
  let words: string[] = [];
  let word = "";
  let isPiped = false;
  const endWord = () => {
    if (word !== "") words.push(word);
    word = "";
  };
  const endCommand = (nextIsPiped: boolean) => {
    endWord();
    if (words.length > 0) found.push({ words, isPiped });
    // A pipe may be followed by a line break.
    isPiped = nextIsPiped || (isPiped && words.length === 0);
    words = [];
  };
  for (let at = 0; at < command.length; at++) {
    const character = command[at]!;
    if (character === "\\") word += command.slice(at, ++at + 1);
    else if (character === "'" || character === '"') {
      const close = closingQuote(command, at);
      word += command.slice(at, close + 1);
      at = close;
    } else if (character === "#" && word === "") {
      const lineEnd = command.indexOf("\n", at);
      if (lineEnd === -1) break;
      at = lineEnd - 1;
    } else if (character === "<" && command[at + 1] === "<" && command[at + 2] !== "<") {
      words.push("<<");
      break;
    } else if (character === "|") {
      const isOr = command[at + 1] === "|";
      if (isOr || command[at + 1] === "&") at++;
      endCommand(!isOr);
    } else if (character === "(" && word.endsWith("=")) {
      at = command.indexOf(")", at);
      if (at === -1) break;
    } else if (/[;\n()]/.test(character) || (character === "&" && command[at - 1] !== ">" && command[at + 1] !== ">")) endCommand(false);
    else if (/\s/.test(character)) endWord();
    else word += character;
  }
  endCommand(false);
  return found;
}

function closingQuote(text: string, open: number): number {
  const quote = text[open]!;
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
