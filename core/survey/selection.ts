import ignore from "ignore";

/** Which paths `include` and `exclude` leave in. */
export interface Selection {
  /** Null: in. */
  reasonAgainst(path: string): "not included" | "excluded" | null;
}

/**
 * An entry with glob characters is read as .gitignore reads it (`*.py` anywhere, `/src/*.py` at the top); a plain one is
 * a file or folder counted from the top of the repository. An empty `include` is everything.
 */
export function createSelection(include: readonly string[], exclude: readonly string[]): Selection {
  const included = include.length === 0 ? null : matcher(include);
  const excluded = matcher(exclude);
  return {
    reasonAgainst: (path) => {
      if (included !== null && !included(path)) return "not included";
      return excluded(path) ? "excluded" : null;
    },
  };
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  const everything = patterns.some((pattern) => /^(\.?\/?|\*\*\/?)$/.test(pattern));
  const rules = ignore({ ignorecase: false }).add(patterns.map(fromTop));
  return (path) => everything || rules.ignores(path);
}

function fromTop(pattern: string): string {
  const bare = pattern.replace(/^\.\//, "");
  return /[*?[!]/.test(bare) || bare.startsWith("/") ? bare : `/${bare}`;
}
