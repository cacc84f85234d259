const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * What the server asks for, in milliseconds: `retry-after-ms` (OpenAI, Azure) or `retry-after` in seconds or as a date
 * (RFC 9110 §10.2.3). Undefined when absent or unreadable; never more than a day.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const exact = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (exact >= 0) return Math.min(exact, DAY_MS);
  const value = headers.get("retry-after")?.trim();
  if (value === undefined || value === "") return undefined;
  const seconds = Number(value);
  if (seconds >= 0) return Math.min(seconds * 1000, DAY_MS);
  // Date.parse takes "-1" for a year.
  const date = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.min(Math.max(0, date - nowMs), DAY_MS);
}
