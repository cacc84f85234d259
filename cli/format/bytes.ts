/** `940 B`, `1.04 GB`: decimal units, as disks are sold and as estimates need. */
export function bytes(value: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"] as const;
  const rounded = Math.round(value);
  const at = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, rounded)) / 3)));
  // 999.9 KB to three digits is a MB.
  const shown = Number((rounded / 1000 ** at).toPrecision(3));
  return shown >= 1000 && at < units.length - 1 ? `${shown / 1000} ${units[at + 1]}` : `${shown} ${units[at]}`;
}
