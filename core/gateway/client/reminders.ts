/** What the client itself tells the model, in the midst of user texts and results: `<system-reminder>…</system-reminder>`. */
const OPEN = "<system-reminder>";
const CLOSE = "</system-reminder>";

export interface SplitText {
  /** What is left when the reminders are taken out; white space that stood around them too. */
  readonly text: string;
  /** Whole, with their tags. */
  readonly reminders: readonly string[];
}

/** Whether a text is reminders and nothing else. */
export function isReminder(text: string): boolean {
  if (!text.trimStart().startsWith(OPEN)) return false;
  const { text: rest, reminders } = splitReminders(text);
  return reminders.length > 0 && rest.trim() === "";
}

/**
 * Takes reminders out of a text. Only those that begin a line: files and commands may hold the tag in the midst of one. An opening tag
 * without a closing one is text.
 */
export function splitReminders(text: string): SplitText {
  const reminders: string[] = [];
  const between: string[] = [];
  let from = 0;
  for (let open = text.indexOf(OPEN); open !== -1;) {
    const close = text.indexOf(CLOSE, open);
    if (close === -1) break;
    if (open > 0 && text[open - 1] !== "\n") {
      open = text.indexOf(OPEN, open + OPEN.length);
      continue;
    }
    const end = close + CLOSE.length;
    reminders.push(text.slice(open, end));
    between.push(text.slice(from, open));
    from = end;
    open = text.indexOf(OPEN, end);
  }
  if (reminders.length === 0) return { text, reminders };
  return { text: joinParts([...between, text.slice(from)]), reminders };
}

/** Clients set a reminder apart by up to two line breaks on either side: these go with it, and one stays between two texts. */
function joinParts(parts: readonly string[]): string {
  const texts = parts.map((part, at) => {
    const headless = at === 0 ? part : part.replace(/^\n{1,2}/, "");
    return at === parts.length - 1 ? headless : headless.replace(/\n{1,2}$/, "");
  });
  return texts.filter((part) => part !== "").join("\n");
}
