import type { Node } from "web-tree-sitter";
import { isJvmTestFolder } from "./java.ts";
import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** `fun` with a body, secondary constructors and accessors with a body; lambdas and anonymous functions are expressions. */
export const kotlin: Language = {
  name: "kotlin",
  extensions: [".kt", ".kts"],
  grammar: "kotlin",
  patterns: `
    (function_declaration name: (_) @name (function_body)) @function
    (secondary_constructor (block)) @secondary
    (getter (function_body)) @getter
    (setter (function_body)) @setter
    (property_declaration (variable_declaration (identifier) @name)) @scope
    (class_declaration name: (_) @name) @scope
    (object_declaration name: (_) @name) @scope
    (companion_object) @companion
    (enum_entry (identifier) @name (class_body)) @scope
  `,
  declare,
  isTestFile: ({ path, base }) => /(Test|Tests|Spec)\.kt$/.test(base) || isJvmTestFolder(path),
};

const FIXED: readonly (readonly [capture: string, kind: "function" | "scope", name: string])[] = [
  ["secondary", "function", "constructor"],
  ["getter", "function", "get"],
  ["setter", "function", "set"],
];

function declare(captures: Captures): Declaration | null {
  for (const [capture, kind, name] of FIXED) {
    const node = captures[capture];
    if (node !== undefined) return { kind, node, name };
  }
  const companion = captures["companion"];
  if (companion !== undefined) return { kind: "scope", node: companion, name: companion.childForFieldName("name")?.text ?? "Companion" };
  const plain = declareCaptured(captures);
  return plain === null ? null : { ...plain, name: withReceiver(plain.node, unquoted(plain.name)) };
}

/** An extension function is named with the type that it extends. */
function withReceiver(node: Node, name: string): string {
  if (node.type !== "function_declaration") return name;
  const nameNode = node.childForFieldName("name");
  const receiver = node.namedChildren.find((child) => child.startIndex < (nameNode?.startIndex ?? 0) && child.type.endsWith("_type"));
  const type = receiver?.text.replace(/<.*$/s, "").replaceAll(/[\s()?]/g, "");
  return type === undefined || type === "" ? name : `${type}.${name}`;
}

function unquoted(name: string): string {
  return name.replaceAll("`", "");
}
