const LONGEST = 500;

// eslint-disable-next-line no-control-regex -- that is what it is for: a server's text must not steer the terminal.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]+/g;

/** A server's words, made fit for a message: one line, bounded, without control characters and without the key. */
export function quoteServer(text: string, key: string | undefined): string {
  const withoutKey = key === undefined || key === "" ? text : text.replaceAll(key, "[key]");
  const line = withoutKey
    .slice(0, 4 * LONGEST)
    .replace(CONTROL, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
