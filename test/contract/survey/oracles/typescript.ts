import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript-api";
import type { FileFunctions, ListedFunction } from "./listing.ts";

/** Lists functions as the TypeScript compiler's own parser sees them, in JavaScript, TypeScript and TSX files. */
export async function listWithTypescript(root: string): Promise<FileFunctions[]> {
  const listed: FileFunctions[] = [];
  for await (const path of glob("**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}", { cwd: root }))
    listed.push(listFile(path, await readFile(join(root, path), "utf8")));
  return listed;
}

function listFile(path: string, text: string): FileFunctions {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  // The parser does not throw, and what it makes of an error is its own affair.
  if ("parseDiagnostics" in file && Array.isArray(file.parseDiagnostics) && file.parseDiagnostics.length > 0)
    return { path, error: "syntax" };
  const functions: ListedFunction[] = [];
  const visit = (node: ts.Node): void => {
    const name = ts.isFunctionLike(node) && "body" in node && node.body !== undefined ? nameOf(node) : null;
    if (name !== null) functions.push([name, line(file, startOf(node, file)), line(file, node.end - 1)]);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, functions };
}

function line(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

/** Behind decorators and `export`. */
function startOf(node: ts.Node, file: ts.SourceFile): number {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  const first = modifiers.find(({ kind }) => kind !== ts.SyntaxKind.ExportKeyword && kind !== ts.SyntaxKind.DefaultKeyword);
  if (first !== undefined) return first.getStart(file);
  const before = ts.canHaveModifiers(node) ? node.modifiers?.at(-1) : undefined;
  return before === undefined ? node.getStart(file) : afterTrivia(file.text, before.end);
}

function afterTrivia(text: string, position: number): number {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text, undefined, position);
  scanner.scan();
  return scanner.getTokenStart();
}

function nameOf(node: ts.SignatureDeclaration): string | null {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  if (!ts.isArrowFunction(node) && !ts.isFunctionExpression(node)) return node.name === undefined ? "default" : plain(node.name);
  let value: ts.Node = node;
  while (isWrapper(value.parent)) value = value.parent;
  const { parent } = value;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return plain(parent.name);
  if (ts.isExportAssignment(parent) && parent.isExportEquals !== true) return "default";
  if (ts.isBinaryExpression(parent) && parent.right === value && isAssignment(parent.operatorToken.kind) && isTarget(parent.left))
    return plain(parent.left);
  return ts.isFunctionExpression(node) && node.name !== undefined ? node.name.text : null;
}

function isWrapper(node: ts.Node): boolean {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isTypeAssertionExpression(node)
  );
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

function isTarget(node: ts.Node): boolean {
  return ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
}

function plain(node: ts.Node): string {
  if (ts.isStringLiteral(node)) return node.getText().slice(1, -1);
  return node
    .getText()
    .replaceAll(/\s+/g, " ")
    .replace(/^this\./, "")
    .trim()
    .slice(0, 100);
}
