/** One bash word, whatever the text holds. NUL cannot be part of a word and is dropped. */
export function quote(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", String.raw`'\''`)}'`;
}

export function quoteAll(words: readonly string[]): string {
  return words.map(quote).join(" ");
}
