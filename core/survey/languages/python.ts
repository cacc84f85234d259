import type { Language } from "./language.ts";

/** As `ast` lists them: FunctionDef and AsyncFunctionDef, `@overload` ones included; a lambda is an expression there. */
export const python: Language = {
  name: "python",
  extensions: [".py", ".pyw"],
  interpreters: ["python", "python2", "python3", "pypy", "pypy3"],
  grammar: "python",
  patterns: `
    (function_definition name: (_) @name) @function
    (class_definition name: (_) @name) @scope
  `,
  // pytest's and unittest's own discovery, and Django's single-file test modules.
  isTestFile: ({ base }) => /^(test_.*|.*_test|conftest|tests)\.pyw?$/.test(base),
};
