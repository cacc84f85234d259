import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** Members with a body: methods, constructors, finalizers, operators, local functions, accessors (`Property.get`) and `=>` properties (`Property`). Lambdas are expressions. */
export const csharp: Language = {
  name: "csharp",
  extensions: [".cs"],
  grammar: "csharp",
  patterns: `
    (method_declaration name: (_) @name body: (_)) @function
    (constructor_declaration name: (_) @name body: (_)) @function
    (destructor_declaration name: (_) @name body: (_)) @function
    (local_function_statement name: (_) @name body: (_)) @function
    (operator_declaration operator: _ @operator body: (_)) @function
    (conversion_operator_declaration type: (_) @converted body: (_)) @function
    (accessor_declaration name: _ @name body: (_)) @function
    (property_declaration name: (_) @name value: (arrow_expression_clause)) @function
    (indexer_declaration value: (arrow_expression_clause)) @indexer_function
    (property_declaration name: (_) @name accessors: (_)) @scope
    (event_declaration name: (_) @name) @scope
    (indexer_declaration accessors: (_)) @indexer
    (class_declaration name: (_) @name) @scope
    (struct_declaration name: (_) @name) @scope
    (interface_declaration name: (_) @name) @scope
    (record_declaration name: (_) @name) @scope
    (enum_declaration name: (_) @name) @scope
  `,
  declare,
  isTestFile: ({ path, base }) => /Tests?\.cs$/.test(base) || /(^|\/)([^/]+\.)?([A-Z][a-z]+)?Tests?\//.test(path),
};

function declare(captures: Captures): Declaration | null {
  const { operator, converted, indexer, indexer_function: indexerFunction, function: fn } = captures;
  if (operator !== undefined && fn !== undefined) return { kind: "function", node: fn, name: `operator ${operator.text}` };
  if (converted !== undefined && fn !== undefined) return { kind: "function", node: fn, name: `operator ${converted.text}` };
  if (indexerFunction !== undefined) return { kind: "function", node: indexerFunction, name: "this[]" };
  if (indexer !== undefined) return { kind: "scope", node: indexer, name: "this[]" };
  const plain = declareCaptured(captures);
  return plain?.node.type === "destructor_declaration" ? { ...plain, name: `~${plain.name}` } : plain;
}
