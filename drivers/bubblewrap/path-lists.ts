import { quote } from "./quote.ts";

/** A list longer than this goes over the feed: bash reads its script byte by byte. */
const MAX_INLINE_CHARACTERS = 2_000;

/** Command that prints the paths, each ended by a NUL. */
export function piped(paths: readonly string[]): string {
  if (isInline(paths)) return String.raw`printf '%s\0' ${paths.map(rawQuote).join(" ")}`;
  return `head -c ${nulList(paths).length} <&96`;
}

/** What `piped` reads over the feed. */
export const feedOf = (paths: readonly string[]): Buffer[] => (isInline(paths) ? [] : [nulList(paths)]);
const isInline = (paths: readonly string[]): boolean => paths.reduce((sum, path) => sum + path.length + 4, 0) < MAX_INLINE_CHARACTERS;
const nulList = (paths: readonly string[]): Buffer => Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1");

/** Script is sent as UTF-8, so a path that is not plain ASCII is spelled out byte by byte. */
export function rawQuote(path: string): string {
  if (/^[ -~]*$/.test(path)) return quote(path);
  return `$'${[...Buffer.from(path, "latin1")].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}'`;
}
