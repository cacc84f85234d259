/** A path as one word of a command, bare where it needs no quotes. */
export function quotePath(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) && !path.startsWith("-") ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
