import type { Node } from "web-tree-sitter";
import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** Function definitions. A body after a macro call (`TEST(a, b) {…}`) reads as one named like the macro, as for any parser that does not expand it. */
export const c: Language = {
  name: "c",
  extensions: [".c", ".h"],
  grammar: "c",
  hasMacros: true,
  patterns: `(function_definition declarator: (_) @declarator body: (compound_statement)) @function`,
  declare: declareC,
  isTestFile: ({ base }) => isNativeTest(base),
};

// Left over where an unexpanded macro makes a statement look like a definition.
const STATEMENTS = new Set(["if", "for", "while", "switch", "do", "else", "return", "catch", "sizeof"]);

export function declareC(captures: Captures): Declaration | null {
  const declarator = captures["declarator"];
  if (declarator === undefined) return declareCaptured(captures);
  const name = declaredName(declarator);
  return name === null || STATEMENTS.has(name) ? null : { kind: "function", node: captures["function"]!, name };
}

export function isNativeTest(base: string): boolean {
  return /^test_.*\.[a-z+]+$|_(test|tests|unittest)\.[a-z+]+$/.test(base);
}

/** The name inside pointer, reference, array and function declarators; `A::B::f` as `A.B.f`, template arguments left out. */
function declaredName(declarator: Node): string | null {
  const path: string[] = [];
  let node: Node | null = declarator;
  while (node !== null) {
    switch (node.type) {
      case "identifier":
      case "field_identifier":
      case "type_identifier":
      case "destructor_name":
      case "operator_name":
        return [...path, node.text.replaceAll(/\s+/g, " ")].join(".");
      case "operator_cast":
        return [...path, `operator ${node.childForFieldName("type")?.text ?? ""}`].join(".");
      case "qualified_identifier": {
        const scope: Node | null = node.childForFieldName("scope");
        if (scope !== null) path.push((scope.childForFieldName("name") ?? scope).text);
        node = node.childForFieldName("name");
        break;
      }
      case "template_function":
      case "template_method":
      case "dependent_name":
        node = node.childForFieldName("name") ?? node.firstNamedChild;
        break;
      default:
        node = node.childForFieldName("declarator") ?? node.namedChildren.find((child) => /declarator|identifier/.test(child.type)) ?? null;
    }
  }
  return null;
}
