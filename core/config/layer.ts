/** One place that settings come from. A later layer wins over an earlier one, key by key. */
export interface ConfigLayer {
  /** As a message names it: a file, or `the command line`. */
  readonly source: string;
  /** Partial settings; whatever a person wrote, unchecked. */
  readonly value: unknown;
  /** Where exactly the value at `path` was given, such as `serac.yaml:3:5` or `--samples`; null when not in this layer. */
  where(path: KeyPath): string | null;
}

export type KeyPath = readonly (string | number)[];

/** Settings from flags: `flags` maps a dotted key to the flag that set it, for messages. */
export function flagLayer(value: unknown, flags: Readonly<Record<string, string>> = {}): ConfigLayer {
  const source = "the command line";
  // An item of a list is where the list is. Whoever writes `__proto__` is no flag.
  const flagOf = (path: KeyPath): string => {
    const keys = path.map((_, at) => path.slice(0, path.length - at).join("."));
    const set = keys.find((key) => Object.hasOwn(flags, key));
    return set === undefined ? source : flags[set]!;
  };
  return { source, value, where: (path) => (valueAt(value, path) === undefined ? null : flagOf(path)) };
}

export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, key) => (isMapping(inner) || Array.isArray(inner) ? Reflect.get(inner, key) : undefined), value);
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The schema is no deeper; what lies below is checked, not merged, so that no input can make this recurse far. */
const MAX_DEPTH = 4;

/** Null, as YAML reads a key with nothing after it, counts as not given. */
export function mergeLayers(layers: readonly ConfigLayer[]): unknown {
  return layers.map((layer) => withoutNulls(layer.value, 0)).reduce((below, above) => merge(below, above, 0), {});
}

function withoutNulls(value: unknown, depth: number): unknown {
  if (!isMapping(value) || depth >= MAX_DEPTH) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner, depth + 1)]));
}

function merge(below: unknown, above: unknown, depth: number): unknown {
  if (!isMapping(below) || !isMapping(above) || depth >= MAX_DEPTH) return above;
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) merged.set(key, merged.has(key) ? merge(merged.get(key), value, depth + 1) : value);
  return Object.fromEntries(merged);
}
