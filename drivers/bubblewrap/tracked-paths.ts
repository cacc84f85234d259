/** The paths that the base commit tracks; raw bytes in latin-1 characters. */
export interface TrackedPaths {
  has(path: string): boolean;
  /** Tracked paths inside the folder `path`. */
  below(path: string): readonly string[];
}

export function parseTrackedPaths(nulSeparated: Buffer): TrackedPaths {
  const sorted = nulSeparated.toString("latin1").split("\0").filter(Boolean).toSorted(byCodeUnit);
  const all = new Set(sorted);
  return {
    has: (path) => all.has(path),
    below(path) {
      const prefix = `${path}/`;
      const found: string[] = [];
      for (let at = firstAtLeast(sorted, prefix); at < sorted.length && sorted[at]!.startsWith(prefix); at++) found.push(sorted[at]!);
      return found;
    },
  };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function firstAtLeast(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
