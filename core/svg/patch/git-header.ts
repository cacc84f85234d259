import { readQuotedPath } from "./quoted-path.ts";

/** Prefix pairs that git writes: plain, `diff.mnemonicPrefix` in its combinations, and `--no-index`. */
const PREFIXES = [
  ["a/", "b/"],
  ["i/", "w/"],
  ["c/", "i/"],
  ["c/", "w/"],
  ["o/", "w/"],
  ["w/", "i/"],
  ["i/", "c/"],
  ["w/", "c/"],
  ["1/", "2/"],
] as const;

export interface PathPair {
  readonly old: string;
  readonly new: string;
}

/**
 * The two paths of what follows `diff --git `, prefixes still on. Unquoted paths may hold spaces, so the middle is looked for where
 * both halves name one file; where they differ, `rename from` and `rename to` lines follow and say it. Null when it cannot be read.
 */
export function readGitHeader(rest: string): PathPair | null {
  if (rest.startsWith('"')) {
    const old = readQuotedPath(rest);
    if (old === null || rest[old.end] !== " ") return null;
    const tail = rest.slice(old.end + 1);
    const path = tail.startsWith('"') ? readQuotedPath(tail)?.path : tail;
    return path === undefined ? null : { old: old.path, new: path };
  }
  if (rest.endsWith('"')) {
    const quote = rest.indexOf(' "');
    const path = quote < 0 ? null : readQuotedPath(rest.slice(quote + 1));
    return path === null ? null : { old: rest.slice(0, quote), new: path.path };
  }
  const middle = (rest.length - 1) / 2;
  const halves = { old: rest.slice(0, middle), new: rest.slice(middle + 1) };
  if (Number.isInteger(middle) && rest[middle] === " ") {
    const bare = withoutPrefixes(halves);
    if (bare.old === bare.new) return halves;
  }
  const space = rest.indexOf(" ");
  return space < 0 ? null : { old: rest.slice(0, space), new: rest.slice(space + 1) };
}

/** Takes `a/` and `b/` off where both sides wear a pair that git writes. /dev/null fits every pair. */
export function withoutPrefixes(pair: PathPair): PathPair {
  for (const [old, fresh] of PREFIXES) {
    const fits = (path: string, prefix: string): boolean => path === "/dev/null" || path.startsWith(prefix);
    if (!fits(pair.old, old) || !fits(pair.new, fresh)) continue;
    return { old: strip(pair.old), new: strip(pair.new) };
  }
  return pair;
}

const strip = (path: string): string => (path === "/dev/null" ? path : path.slice(2));
