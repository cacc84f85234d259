import { allowedIn, inputSchema, knownKeys, type SchemaNode } from "./known-keys.ts";

export interface ReferenceEntry {
  /** Dotted: `rollout.maxCalls`. */
  readonly key: string;
  readonly description: string;
  readonly allowed: string;
  /** JSON text; null where nothing is assumed. */
  readonly default: string | null;
  readonly isRequired: boolean;
  /** Holds other keys, which follow. */
  readonly isSection: boolean;
}

/** Every key of serac.yaml for docs/configuration.md, and the same as JSON Schema (2020-12) for editors. */
export function configReference(): { readonly entries: readonly ReferenceEntry[]; readonly jsonSchema: SchemaNode } {
  return { entries: entriesOf(inputSchema()), jsonSchema: inputSchema() };
}

/** The same of any schema whose keys say what they are. */
export function entriesOf(schema: SchemaNode): readonly ReferenceEntry[] {
  return knownKeys(schema).map(({ path, node, isRequired }) => {
    const isSection = node.properties !== undefined;
    return {
      key: path.join("."),
      description: node.description ?? "",
      allowed: allowedIn(node),
      default: isSection || node.default === undefined ? null : JSON.stringify(node.default),
      isRequired,
      isSection,
    };
  });
}
