import type { Clock } from "../errors/clock.ts";
import type { KeyRecord } from "./keys.ts";
import type { Limiter } from "./limits.ts";

const MINUTE_MS = 60_000;

/** What is left of a division must not keep a full bucket shut. */
const ROUNDING = 1e-6;

/** What is left of a key's minute; it fills again evenly. Tokens may fall below zero: an answer's size is known when it is over. */
interface Bucket {
  requests: number;
  tokens: number;
  atMs: number;
}

/** Counts in memory, so for one process. A key that was idle for a minute is forgotten: its buckets are full again. */
export function createLimiter(clock: Clock): Limiter {
  const buckets = new Map<string, Bucket>();
  let sweptMs = clock.now();

  const bucketOf = (key: KeyRecord): Bucket => {
    const now = clock.now();
    if (now - sweptMs > MINUTE_MS) {
      sweptMs = now;
      for (const [id, bucket] of buckets) if (bucket.tokens >= 0 && now - bucket.atMs > MINUTE_MS) buckets.delete(id);
    }
    const requests = key.requestsPerMinute ?? Infinity;
    const tokens = key.tokensPerMinute ?? Infinity;
    let bucket = buckets.get(key.id);
    if (bucket === undefined) buckets.set(key.id, (bucket = { requests, tokens, atMs: now }));
    const minutes = Math.max(0, now - bucket.atMs) / MINUTE_MS;
    bucket.requests = filled(bucket.requests, requests, minutes);
    bucket.tokens = filled(bucket.tokens, tokens, minutes);
    bucket.atMs = now;
    return bucket;
  };

  return {
    admit: (key) => {
      const bucket = bucketOf(key);
      // A share of a request is none; a share of a token is enough, the next answer may overdraw.
      const waitMinutes = Math.max(
        missing(1 - bucket.requests, key.requestsPerMinute),
        bucket.tokens > 0 ? 0 : missing(1 - bucket.tokens, key.tokensPerMinute),
      );
      if (waitMinutes > 0) return Promise.resolve({ retryAfterSeconds: Math.max(1, Math.ceil(waitMinutes * 60 - ROUNDING)) });
      bucket.requests -= 1;
      return Promise.resolve("admitted");
    },
    use: (key, tokens) => {
      bucketOf(key).tokens -= tokens;
      return Promise.resolve();
    },
  };
}

const filled = (level: number, perMinute: number, minutes: number): number =>
  perMinute === Infinity ? Infinity : Math.min(perMinute, level + perMinute * minutes);

/** Minutes until `lack` has come back; a limit of nothing a minute is asked again in a minute. */
function missing(lack: number, perMinute: number | null): number {
  if (perMinute === null || lack <= ROUNDING) return 0;
  return perMinute > 0 ? lack / perMinute : 1;
}
