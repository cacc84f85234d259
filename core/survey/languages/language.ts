import type { Node } from "web-tree-sitter";
import type { GrammarName } from "../assets.ts";

/** What one programming language needs to be surveyed: one object a file in this folder, one line in the index. */
export interface Language {
  readonly name: string;
  /** With the dot, lower case. */
  readonly extensions: readonly string[];
  /** Programs of a `#!` line, for executable files without an extension. */
  readonly interpreters?: readonly string[];
  readonly grammar: GrammarName;
  /**
   * Tree-sitter patterns. Each captures what it declares as `@function`, `@scope` (a part of qualified names) or
   * `@test` (left out with the tests), most also its `@name`. An earlier pattern wins where two name one node.
   */
  readonly patterns: string;
  /** Macros that nobody expands read as small errors in most files; the parser's own recovery is right about those. */
  readonly hasMacros?: boolean;
  /** Reads a match where node and name are not simply what was captured. Null: no declaration after all. */
  readonly declare?: (captures: Captures) => Declaration | null;
  /** The language's own conventions for test files, beside the folder rules of all languages. */
  readonly isTestFile: (file: TestFileName) => boolean;
}

export type Captures = Readonly<Partial<Record<string, Node>>>;

export interface Declaration {
  readonly kind: "function" | "scope" | "test";
  readonly node: Node;
  /** Empty for what hides nothing behind a name of its own: its parts are named as if it were not there. */
  readonly name: string;
}

export interface TestFileName {
  readonly path: string;
  /** Last segment. */
  readonly base: string;
}

/** The captured node under the captured name. */
export function declareCaptured(captures: Captures): Declaration | null {
  const name = captures["name"]?.text ?? "";
  const { function: fn, scope, test } = captures;
  if (fn !== undefined) return name === "" ? null : { kind: "function", node: fn, name };
  if (scope !== undefined) return { kind: "scope", node: scope, name };
  return test === undefined ? null : { kind: "test", node: test, name };
}
