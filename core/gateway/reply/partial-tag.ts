/** Where a tag may begin that the end of `text` cuts; the text's length when none does. */
export function partialTagAt(text: string, tags: readonly string[]): number {
  // A tag has one `<`, its first character.
  const at = text.lastIndexOf("<");
  if (at < 0) return text.length;
  const tail = text.slice(at);
  return tags.some((tag) => tag.length > tail.length && tag.startsWith(tail)) ? at : text.length;
}

/** The line breaks in front of `end`. */
export function breaksBefore(text: string, end: number): number {
  let at = end;
  while (at > 0 && isBreak(text, at - 1)) at--;
  return at;
}

/** The end of the line breaks from `start` on. */
export function breaksAfter(text: string, start: number): number {
  let at = start;
  while (isBreak(text, at)) at++;
  return at;
}

const isBreak = (text: string, at: number): boolean => text[at] === "\n" || text[at] === "\r";
