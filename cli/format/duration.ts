const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The two largest units: `3 h 5 min`, `12 min`, `40 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  const rounded = Math.max(0, Math.round(ms / SECOND_MS) * SECOND_MS);
  if (rounded < MINUTE_MS) return `${rounded / SECOND_MS} s`;
  if (rounded < HOUR_MS) return two(rounded, MINUTE_MS, "min", SECOND_MS, "s");
  if (rounded < DAY_MS) return two(rounded, HOUR_MS, "h", MINUTE_MS, "min");
  return two(rounded, DAY_MS, "d", HOUR_MS, "h");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
