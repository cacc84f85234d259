import type { Node } from "web-tree-sitter";
import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** As go/ast's FuncDecl with a body; a function literal is an expression there. A method is `Receiver.Method`. */
export const go: Language = {
  name: "go",
  extensions: [".go"],
  grammar: "go",
  patterns: `
    (function_declaration name: (_) @name body: (_)) @function
    (method_declaration receiver: (_) @receiver name: (_) @name body: (_)) @function
  `,
  declare,
  // `testdata` is what the go tool itself leaves out.
  isTestFile: ({ path, base }) => base.endsWith("_test.go") || /(^|\/)testdata\//.test(path),
};

function declare(captures: Captures): Declaration | null {
  const plain = declareCaptured(captures);
  const receiver = captures["receiver"] === undefined ? null : receiverType(captures["receiver"]);
  return plain === null || receiver === null ? plain : { ...plain, name: `${receiver}.${plain.name}` };
}

function receiverType(parameters: Node): string | null {
  let node = parameters.namedChildren.find((child) => child.type === "parameter_declaration")?.childForFieldName("type") ?? null;
  while (node !== null && node.type !== "type_identifier") {
    node = node.childForFieldName("type") ?? node.namedChildren.find((child) => child.type !== "comment") ?? null;
  }
  return node?.text ?? null;
}
