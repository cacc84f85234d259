import type { Node } from "web-tree-sitter";
import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** As syn lists them: ItemFn, ImplItemFn and TraitItemFn with a body. A closure is an expression there; macro bodies are tokens. */
export const rust: Language = {
  name: "rust",
  extensions: [".rs"],
  grammar: "rust",
  patterns: `
    (function_item name: (_) @name) @function
    (impl_item type: (_) @name) @scope
    (trait_item name: (_) @name) @scope
    (mod_item name: (_) @name body: (_)) @scope
    (attribute_item) @attribute
  `,
  declare,
  // `#[cfg(test)] mod tests;` lives in tests.rs by convention.
  isTestFile: ({ base }) => base === "tests.rs" || base.endsWith("_test.rs") || base.endsWith("_tests.rs"),
};

function declare(captures: Captures): Declaration | null {
  const attribute = captures["attribute"];
  if (attribute !== undefined) return isTestAttribute(attribute.text) ? testItem(attribute) : null;
  const plain = declareCaptured(captures);
  return plain?.node.type === "impl_item" ? { ...plain, name: typeName(captures["name"]!) } : plain;
}

/** `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`; neither `not(test)` nor `any(test, …)`. */
function isTestAttribute(text: string): boolean {
  const bare = text.replaceAll(/\s+/g, "");
  if (/^#\[([a-z_0-9]+::)*test(\(.*\))?\]$/i.test(bare)) return true;
  return /^#\[cfg\((all\()?([^()]*,)?test[,)]/.test(bare);
}

function testItem(attribute: Node): Declaration | null {
  let item = attribute.nextNamedSibling;
  while (item !== null && /attribute_item|comment/.test(item.type)) item = item.nextNamedSibling;
  return item === null ? null : { kind: "test", node: item, name: "" };
}

/** `Foo<T>` and `&mut path::Foo` are both Foo; what has no name of its own is written out. */
function typeName(type: Node): string {
  let node = type;
  for (;;) {
    const inner = node.childForFieldName(node.type === "scoped_type_identifier" ? "name" : "type");
    if (inner === null || node.type === "tuple_type") return node.text;
    node = inner;
  }
}
