import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { TABLE } from "../../../core/config/cloud/names.ts";
import type { Condition, Item, Key, Value, Write } from "./operations.ts";

/** Collects names and values under aliases, so that no attribute's name can be a reserved word or hold a dot. */
export interface Aliases {
  name(name: string): string;
  value(value: Value): string;
  readonly names: Record<string, string>;
  readonly values: Record<string, AttributeValue>;
}

export function aliases(): Aliases {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const known = new Map<string, string>();
  return {
    names,
    values,
    name: (name) => {
      const alias = known.get(name) ?? `#n${known.size}`;
      known.set(name, alias);
      names[alias] = name;
      return alias;
    },
    value: (value) => {
      const alias = `:v${Object.keys(values).length}`;
      values[alias] = toAttribute(value);
      return alias;
    },
  };
}

export function allOf(conditions: readonly Condition[], as: Aliases): string {
  return conditions.map((condition) => expressionOf(condition, as)).join(" AND ");
}

function expressionOf(condition: Condition, as: Aliases): string {
  if ("absent" in condition) return `attribute_not_exists(${as.name(condition.absent)})`;
  if ("present" in condition) return `attribute_exists(${as.name(condition.present)})`;
  if ("equal" in condition) return compared("=", condition.equal, as);
  if ("atLeast" in condition) return compared(">=", condition.atLeast, as);
  if ("atMost" in condition) return compared("<=", condition.atMost, as);
  if ("below" in condition) return compared("<", condition.below, as);
  return `(${condition.anyOf.map((one) => expressionOf(one, as)).join(" OR ")})`;
}

const compared = (operator: string, [name, value]: readonly [string, Value], as: Aliases): string =>
  `${as.name(name)} ${operator} ${as.value(value)}`;

/** Null when there is nothing to change. */
export function updateOf({ set = {}, add = {}, remove = [] }: Write, as: Aliases): string | null {
  const sets = Object.entries(set).map(([name, value]) => `${as.name(name)} = ${as.value(value)}`);
  const adds = Object.entries(add).map(([name, value]) => `${as.name(name)} ${as.value(value)}`);
  const removes = remove.map((name) => as.name(name));
  const parts = [clause("SET", sets), clause("ADD", adds), clause("REMOVE", removes)].filter((part) => part !== "");
  return parts.length === 0 ? null : parts.join(" ");
}

const clause = (verb: string, parts: readonly string[]): string => (parts.length === 0 ? "" : `${verb} ${parts.join(", ")}`);

export function toAttribute(value: Value): AttributeValue {
  if (typeof value === "string") return { S: value };
  return typeof value === "number" ? { N: String(value) } : { BOOL: value };
}

export const toKey = ({ partition, sort }: Key): Record<string, AttributeValue> => ({
  [TABLE.partitionKey]: { S: partition },
  [TABLE.sortKey]: { S: sort },
});

export function fromKey(stored: Record<string, AttributeValue> | undefined): Key | null {
  const partition = stored?.[TABLE.partitionKey]?.S;
  const sort = stored?.[TABLE.sortKey]?.S;
  return partition === undefined || sort === undefined ? null : { partition, sort };
}

/** Attributes of kinds that serac never writes are left out. */
export function fromAttributes(stored: Record<string, AttributeValue> | undefined): Item | null {
  if (stored === undefined) return null;
  const item: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(stored)) {
    if (attribute.S !== undefined) item[name] = attribute.S;
    else if (attribute.N !== undefined) item[name] = Number(attribute.N);
    else if (attribute.BOOL !== undefined) item[name] = attribute.BOOL;
  }
  return item;
}
