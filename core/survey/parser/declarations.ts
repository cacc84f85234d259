import type { Query, Tree } from "web-tree-sitter";
import { type Captures, type Declaration, type Language, declareCaptured } from "../languages/language.ts";

/** A declaration freed from its tree. Offsets are UTF-16 units, rows 0-based. */
export interface PlacedDeclaration {
  readonly kind: Declaration["kind"];
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly startRow: number;
  readonly endRow: number;
  readonly body: {
    readonly startRow: number;
    readonly endRow: number;
    readonly startsItsLine: boolean;
    readonly endsInBrace: boolean;
  } | null;
}

const MAX_NAME = 100;
const NEAR = 1000;
const SPACE = /\s+/g;

/** In the order of the text, outer before inner; one a node. */
export function readDeclarations(tree: Tree, text: string, language: Language, query: Query): PlacedDeclaration[] {
  const declare = language.declare ?? declareCaptured;
  const found = new Map<string, PlacedDeclaration & { readonly pattern: number }>();
  for (const match of query.matches(tree.rootNode)) {
    const captures: Captures = Object.fromEntries(match.captures.map(({ name, node }) => [name, node]));
    const declaration = declare(captures);
    if (declaration === null) continue;
    const key = `${declaration.kind === "test" ? "test" : ""}${declaration.node.id}`;
    const known = found.get(key);
    if (known === undefined || match.patternIndex < known.pattern)
      found.set(key, { ...place(declaration, text), pattern: match.patternIndex });
  }
  return [...found.values()].toSorted(inTextOrder);
}

/** Tests first at the same place, so that they hide what they mark. */
export function inTextOrder(a: PlacedDeclaration, b: PlacedDeclaration): number {
  return a.start - b.start || b.end - a.end || Number(b.kind === "test") - Number(a.kind === "test");
}

function place({ kind, node, name }: Declaration, text: string): PlacedDeclaration {
  return {
    kind,
    name: name.replaceAll(SPACE, " ").trim().slice(0, MAX_NAME),
    start: node.startIndex,
    end: node.endIndex,
    startRow: node.startPosition.row,
    endRow: endsInComment(node, text) ? lastCodeRow(node) : lastRow(node.endPosition),
    body: kind === "function" ? bodyOf(node, text) : null,
  };
}

function bodyOf(node: Declaration["node"], text: string): PlacedDeclaration["body"] {
  const body =
    node.childForFieldName("body") ??
    node.namedChildren.findLast((child) => /body|block|arrow_expression_clause|try_statement/.test(child.type));
  if (body === undefined) return null;
  return {
    startRow: body.startPosition.row,
    endRow: lastRow(body.endPosition),
    startsItsLine: lineBefore(body.startIndex, body.startPosition.column, text).trim() === "",
    endsInBrace: text[body.endIndex - 1] === "}",
  };
}

/** Python's grammar counts the comments that follow a block as part of it; Python itself does not. */
function endsInComment(node: Declaration["node"], text: string): boolean {
  return lineBefore(node.endIndex, node.endPosition.column, text).trimStart().startsWith("#");
}

/** What stands on the line before a place. Of a minified line only the nearest part, so that many functions on it stay cheap. */
function lineBefore(index: number, column: number, text: string): string {
  return text.slice(index - Math.min(column, NEAR), index);
}

function lastCodeRow(node: Declaration["node"]): number {
  let last = node;
  for (;;) {
    let child = last.lastChild;
    while (child?.type === "comment") child = child.previousSibling;
    if (child === null || child === undefined) return lastRow(last.endPosition);
    last = child;
  }
}

/** A node that ends with its line's newline ends on that line. */
function lastRow(end: { readonly row: number; readonly column: number }): number {
  return end.column === 0 && end.row > 0 ? end.row - 1 : end.row;
}
