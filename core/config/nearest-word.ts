/** The text of the menu that was most likely meant; null when none is near. */
export function nearestOf(written: string, known: readonly string[]): string | null {
  const ranked = known.map((text) => ({ text, distance: distanceOf(written, text) })).toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= tolerance(written) ? best.text : null;
}

/** A slip in a short word is another word; in a long one it is a slip. */
export const tolerance = (written: string): number => Math.min(3, Math.floor(written.length / 3));

const MAX_COMPARED = 64;

export function distanceOf(a: string, b: string): number {
  return levenshtein(bare(a), bare(b));
}

/** Case, dashes, dots and underscores are matters of taste: max_calls is maxCalls. */
export const bare = (key: string): string =>
  key
    .slice(0, MAX_COMPARED)
    .toLowerCase()
    .replaceAll(/[-_.\s]/g, "");

/** Fewest insertions, deletions and replacements that make one of the other, a swap of neighbours counting as one. */
export function levenshtein(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap ? beforeLast[column - 2]! + 1 : Infinity;
      current.push(Math.min(replaced, swapped, last[column]! + 1, current[column - 1]! + 1));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
