/**
 * The text of a token holds the moment at which the mock wrote it, so that whoever reads it behind a gateway knows how old it is.
 * Microseconds of the system's monotonic clock, which all processes share.
 */
export const stampedToken = (micros: number): string => ` @${String(micros).padStart(DIGITS, "0")}`;

const DIGITS = 14;

export const STAMP = /@(\d{14})/g;
export const STAMP_LENGTH = DIGITS + 1;

export function nowMicros(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanos / 1e3);
}
