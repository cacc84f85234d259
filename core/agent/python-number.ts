/** CPython reads no integer of more digits (sys.int_info.default_max_str_digits). */
const MAX_DIGITS = 4300;

/**
 * A JSON number as Python writes it again: integers digit by digit whatever their size (`-0` is `0`), all others as `repr` of the double:
 * the shortest digits that read back, always with a point or an exponent, the exponent from 1e16 up and below 1e-4 and of two digits at
 * least. Null for what is infinite as a double, which is no JSON any more. Source: CPython, Python/pystrtod.c, format_float_short.
 */
export function pythonNumber(json: string): string | null {
  if (/^-?\d+$/.test(json)) {
    if (json.length - (json.startsWith("-") ? 1 : 0) > MAX_DIGITS) return null;
    return json === "-0" ? "0" : json;
  }
  const value = Number(json);
  return Number.isFinite(value) ? pythonFloat(value) : null;
}

/** `repr` of a finite double. */
export function pythonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, power] = Math.abs(value).toExponential().split("e");
  const exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const digits = mantissa!.replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits.slice(0, exponent + 1).padEnd(exponent + 1, "0")}.${digits.slice(exponent + 1) || "0"}`;
}
