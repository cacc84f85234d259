import type { Node } from "web-tree-sitter";
import type { Captures, Declaration, TestFileName } from "./language.ts";
import { declareCaptured } from "./language.ts";

const VALUES = ["arrow_function", "function_expression", "generator_function", "class", "object", "parenthesized_expression"];
const FUNCTIONS = new Set(["arrow_function", "function_expression", "generator_function"]);
const WRAPPERS = new Set(["parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "type_assertion"]);

/**
 * JavaScript names an anonymous function after what it is bound to: a variable, a property, a class field, an
 * assignment's target, `default` (ECMA-262, NamedEvaluation). Those, and everything with a name of its own, are functions
 * here; a callback without a name belongs to the function that it is written in. `wrappers` are the grammar's own nodes
 * that may stand around a value.
 */
export function ecmascriptPatterns(field: string, wrappers: readonly string[]): string {
  const value = `[${[...VALUES, ...wrappers].map((kind) => `(${kind})`).join(" ")}] @value`;
  return `
    (variable_declarator name: (identifier) @name value: ${value})
    (pair key: (_) @name value: ${value})
    (${field} value: ${value})
    (assignment_expression left: [(identifier) (member_expression) (subscript_expression)] @name right: ${value})
    (augmented_assignment_expression left: [(identifier) (member_expression) (subscript_expression)] @name right: ${value})
    (export_statement "default" value: ${value})
    (function_declaration name: (_) @name) @function
    (generator_function_declaration name: (_) @name) @function
    (function_expression name: (_) @name) @function
    (generator_function name: (_) @name) @function
    (method_definition name: (_) @name) @function
    (class_declaration name: (_) @name) @scope
    (class name: (_) @name) @scope
  `;
}

export function declareEcmascript(captures: Captures): Declaration | null {
  const value = captures["value"] === undefined ? undefined : unwrap(captures["value"]);
  if (value === undefined) {
    const plain = declareCaptured(captures);
    return plain === null ? null : { ...plain, name: propertyName(captures["name"]) };
  }
  const name = captures["name"] === undefined ? "default" : propertyName(captures["name"]);
  if (FUNCTIONS.has(value.type)) return { kind: "function", node: value, name };
  if (value.type === "class" || value.type === "object") return { kind: "scope", node: value, name };
  return null;
}

export function isEcmascriptTest({ base }: TestFileName): boolean {
  return /\.(test|spec)\.[^.]+$/.test(base);
}

function unwrap(value: Node): Node {
  let node = value;
  while (WRAPPERS.has(node.type)) {
    const inner = node.namedChildren.find((child) => child.type !== "comment" && child.type !== "type_arguments");
    if (inner === undefined) break;
    node = inner;
  }
  return node;
}

/** `"quoted"` keys without their quotes, `this.x` as x. */
function propertyName(node: Node | undefined): string {
  const text = node?.text ?? "";
  return node?.type === "string" ? text.slice(1, -1) : text.replace(/^this\./, "");
}
