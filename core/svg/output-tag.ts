/**
 * The text inside the last `<output>…</output>` of a reply, trimmed; null when there is none or it is empty.
 * The last one counts, because a model that thinks aloud may quote the instruction first.
 */
export function outputOf(content: string): string | null {
  const close = content.lastIndexOf("</output>");
  if (close < 0) return null;
  const open = content.lastIndexOf("<output>", close);
  if (open < 0) return null;
  const text = content.slice(open + "<output>".length, close).trim();
  return text === "" ? null : text;
}
