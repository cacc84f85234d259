/**
 * Lines of an exclude file that match exactly the given paths, as gitignore(5) reads them: from the top, with `*`, `?`,
 * `[` and `\` taken literally. A line cannot hold a newline, so there a `?` stands for it.
 */
export function ignorePatterns(paths: readonly string[]): string {
  return paths
    .map((path) => {
      const literal = path.replaceAll(/[\\*?[]/g, String.raw`\$&`).replaceAll("\n", "?");
      return `/${literal.replace(/ $/, String.raw`\ `).replace(/\r$/, "?")}\n`;
    })
    .join("");
}
