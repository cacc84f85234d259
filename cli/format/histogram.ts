const WIDEST = 40;

/** Ten bins of recall, one a line: range, bar, samples. */
export function recallHistogram(bins: readonly number[], indent = "  "): string {
  const most = Math.max(1, ...bins);
  return bins
    .map((samples, bin) => {
      const range = `${(bin / 10).toFixed(1)}-${((bin + 1) / 10).toFixed(1)}`;
      const length = samples === 0 ? 0 : Math.max(1, Math.round((samples / most) * WIDEST));
      return `${indent}${range}  ${"#".repeat(length).padEnd(WIDEST)}  ${samples}\n`;
    })
    .join("");
}
