import type { ToolCall, ToolDefinition } from "../messages.ts";

export type ArgumentsResult =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  /** A sentence for the model. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a call's arguments against the tool's definition: required and unknown names, texts and enumerations.
 * Numbers and lists are left to the tool, whose messages about them are better. `null` counts as left out, and no
 * text at all as `{}`: many models write those.
 */
export function readArguments(call: ToolCall, definition: ToolDefinition): ArgumentsResult {
  const parsed = parseJson(call.arguments.trim() === "" ? "{}" : call.arguments);
  if (!parsed.ok) return { ok: false, problem: `The arguments of ${call.name} are not valid JSON (${parsed.reason}).` };
  if (!isObject(parsed.value)) return { ok: false, problem: `The arguments of ${call.name} must be one JSON object.` };

  const properties = objectAt(definition.parameters, "properties");
  const required = listAt(definition.parameters, "required");
  const given = Object.entries(parsed.value).filter(([, value]) => value !== null);

  const unexpected = given.map(([name]) => name).filter((name) => !Object.hasOwn(properties, name));
  if (unexpected.length > 0) {
    const allowed = Object.keys(properties);
    const known = allowed.length === 0 ? "It takes none." : `It takes: ${allowed.join(", ")}.`;
    return { ok: false, problem: `${call.name} has no argument ${quoteAll(unexpected)}. ${known}` };
  }
  const value = Object.fromEntries(given);
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  if (missing.length > 0) return { ok: false, problem: `The call of ${call.name} lacks the argument ${quoteAll(missing)}.` };

  for (const [name, argument] of given) {
    const schema = objectAt(properties, name);
    if (schema["type"] === "string" && typeof argument !== "string") {
      return { ok: false, problem: `The argument \`${name}\` of ${call.name} must be text.` };
    }
    const allowed = listAt(schema, "enum");
    if (allowed.length > 0 && !allowed.some((each) => each === argument)) {
      return { ok: false, problem: `The argument \`${name}\` of ${call.name} must be one of: ${allowed.join(", ")}.` };
    }
  }
  return { ok: true, value };
}

/** An argument that the definition calls text; empty when it was left out. */
export function textArgument(given: Readonly<Record<string, unknown>>, name: string): string {
  const value = given[name];
  return typeof value === "string" ? value : "";
}

function objectAt(schema: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = schema[key];
  return isObject(value) ? value : {};
}

function listAt(schema: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const value = schema[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function quoteAll(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
