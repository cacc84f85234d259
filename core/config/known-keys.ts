import * as z from "zod";

import { configSchema } from "./schema.ts";

/** The part of JSON Schema that zod writes for our schema (JSON Schema 2020-12). */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly allowed?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly required?: readonly string[];
}

let cached: SchemaNode | undefined;

/** What may be written in serac.yaml. */
export function inputSchema(): SchemaNode {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- zod's type also covers schemas that it never writes for ours
  cached ??= z.toJSONSchema(configSchema, { io: "input" }) as SchemaNode;
  return cached;
}

/** The schema of a key; null where there is no such key. A key of a record and an item of a list have one, too. */
export function schemaAt(path: readonly (string | number)[]): SchemaNode | null {
  let node: SchemaNode | null = inputSchema();
  for (const key of path) node = child(node, key);
  return node;
}

function child(node: SchemaNode | null, key: string | number): SchemaNode | null {
  if (node === null) return null;
  if (typeof key === "number") return node.items ?? null;
  if (node.properties !== undefined) return Object.hasOwn(node.properties, key) ? (node.properties[key] ?? null) : null;
  return node.additionalProperties || null;
}

export interface KnownKey {
  readonly path: readonly string[];
  readonly node: SchemaNode;
  readonly isRequired: boolean;
}

/** Every key in the order of the schema, sections before what they hold. */
export function knownKeys(node: SchemaNode = inputSchema(), above: readonly string[] = []): KnownKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, inner]) => {
    const path = [...above, key];
    return [{ path, node: inner, isRequired: node.required?.includes(key) ?? false }, ...knownKeys(inner, path)];
  });
}

/** What may stand at a key, in words: `a whole number from 1 to 51`. */
export function allowedIn(node: SchemaNode): string {
  if (node.allowed !== undefined) return node.allowed;
  if (node.enum !== undefined) return `one of ${node.enum.join(", ")}`;
  switch (node.type) {
    case "integer":
      return `a whole number${range(node)}`;
    case "number":
      return `a number${range(node)}`;
    case "boolean":
      return "true or false";
    case "string":
      return node.minLength === undefined ? "text" : "text that is not empty";
    case "array":
      return `a list${node.minItems === undefined ? "" : " that is not empty"}, each item ${allowedIn(node.items ?? {})}`;
    default:
      return `a mapping with the keys ${Object.keys(node.properties ?? {}).join(", ")}`;
  }
}

function range(node: SchemaNode): string {
  const from = node.exclusiveMinimum === undefined ? node.minimum : node.exclusiveMinimum;
  const more = node.exclusiveMinimum === undefined ? "" : "over ";
  // zod writes the bounds of exact integers into every whole number.
  const to = node.maximum === Number.MAX_SAFE_INTEGER ? undefined : node.maximum;
  if (from === undefined) return to === undefined ? "" : ` up to ${to}`;
  if (to === undefined) return more === "" ? `, ${from} or more` : ` over ${from}`;
  return more === "" ? ` from ${from} to ${to}` : ` over ${from} and up to ${to}`;
}
