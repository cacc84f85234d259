const MICRO = 1_000_000;

/** Micro-dollars as a person reads them: cents for large sums, more digits for small ones. */
export function usd(microUsd: number): string {
  const dollars = microUsd / MICRO;
  if (dollars === 0) return "$0.00";
  const digits = Math.abs(dollars) >= 1 ? 2 : 4;
  return `$${dollars.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}
