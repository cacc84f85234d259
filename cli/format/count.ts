export const count = (value: number): string => value.toLocaleString("en-US");

/** `1 file`, `2 files`. */
export const counted = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** 1.2K, 24M, 7.5B: for figures that are estimates anyway. */
export function rough(value: number): string {
  for (const [size, unit] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Math.round(value));
}
