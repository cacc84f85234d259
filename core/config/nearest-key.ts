import { knownKeys } from "./known-keys.ts";
import { bare, distanceOf, tolerance } from "./nearest-word.ts";

/** The key that was most likely meant by one that is not known, dotted; null when none is near. */
export function nearestKey(path: readonly string[]): string | null {
  const written = path.at(-1) ?? "";
  const section = path.slice(0, -1).join(".");
  const candidates = knownKeys().map((known) => {
    const key = known.path.join(".");
    const isSibling = known.path.slice(0, -1).join(".") === section;
    // `maxCalls` may be meant for rollout.maxCalls, `budgetUsd` for budget.usd.
    const last = known.path.at(-1) ?? "";
    const distance = isBeginning(written, last)
      ? 1
      : Math.min(distanceOf(written, last), distanceOf(written, key), distanceOf(path.join("."), key));
    return { key, distance: isSibling ? distance - 0.5 : distance };
  });
  const best = candidates.reduce((nearest, candidate) => (candidate.distance < nearest.distance ? candidate : nearest));
  return best.distance <= tolerance(written) ? best.key : null;
}

/** `timeout` for timeoutSeconds, `apiKey` for apiKeyEnv. */
const isBeginning = (written: string, key: string): boolean => written.length >= 4 && bare(key).startsWith(bare(written));
