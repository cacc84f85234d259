import { InputError } from "../errors/index.ts";
import { impossibleCombinations } from "./combinations.ts";
import { mergeLayers, valueAt, type ConfigLayer, type KeyPath } from "./layer.ts";
import { mistakesOf, type Mistake } from "./mistakes.ts";
import { configSchema, type SeracConfig } from "./schema.ts";
import { yamlLayer } from "./yaml-layer.ts";

const MAX_LISTED = 20;
const HINT = "docs/configuration.md lists every key with what is allowed and what it is by default.";

/** serac.yaml alone. `file` is for messages. InputError: config_invalid, config_unreadable. */
export function loadConfig(content: string | Uint8Array, file: string): SeracConfig {
  return resolveConfig([yamlLayer(content, file)]);
}

/**
 * The settings of all layers, later ones winning key by key, with defaults. InputError("config_invalid") lists every
 * mistake with its place, what was found and what is allowed.
 */
export function resolveConfig(layers: readonly ConfigLayer[]): SeracConfig {
  const checked = checkConfig(layers);
  if ("config" in checked) return checked.config;
  throw new InputError("config_invalid", describeMistakes(checked.mistakes, layers), { hint: HINT });
}

/** The same for whoever tells the mistakes one by one. */
export function checkConfig(layers: readonly ConfigLayer[]): { readonly config: SeracConfig } | { readonly mistakes: readonly Mistake[] } {
  const merged = mergeLayers(layers);
  const parsed = configSchema.safeParse(merged);
  const mistakes = parsed.success
    ? impossibleCombinations(parsed.data)
    : parsed.error.issues.flatMap((issue) => mistakesOf(issue, valueAt(merged, issue.path.map(keyOf))));
  return parsed.success && mistakes.length === 0 ? { config: parsed.data } : { mistakes };
}

const keyOf = (key: PropertyKey): string | number => (typeof key === "number" ? key : String(key));

function describeMistakes(mistakes: readonly Mistake[], layers: readonly ConfigLayer[]): string {
  const lines = mistakes.slice(0, MAX_LISTED).map(({ path, text }) => `${placeOf(path, layers)}: ${text}.`.replace(/\?\.$/, "?"));
  if (mistakes.length > MAX_LISTED) lines.push(`… and ${mistakes.length - MAX_LISTED} more`);
  const [only] = lines;
  if (only !== undefined && lines.length === 1) return only;
  return [`The configuration has ${mistakes.length} mistakes:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** The layer that decided the value; for a key that is missing everywhere, the nearest section that is there. */
function placeOf(path: KeyPath, layers: readonly ConfigLayer[]): string {
  for (let length = path.length; length > 0; length--) {
    for (const layer of layers.toReversed()) {
      const place = layer.where(path.slice(0, length));
      if (place !== null) return place;
    }
  }
  return layers[0]?.source ?? "the defaults";
}
