import { declareC, isNativeTest } from "./c.ts";
import type { Language } from "./language.ts";

/** Function definitions with a body: `= default` and `= delete` have none. A lambda is an object there and belongs to its function. */
export const cpp: Language = {
  name: "cpp",
  extensions: [".cc", ".cpp", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".ipp", ".inl", ".tpp", ".cu", ".cuh"],
  grammar: "cpp",
  hasMacros: true,
  patterns: `
    (function_definition declarator: (_) @declarator body: (compound_statement)) @function
    (function_definition declarator: (_) @declarator (try_statement)) @function
    (class_specifier name: (_) @name body: (_)) @scope
    (struct_specifier name: (_) @name body: (_)) @scope
    (union_specifier name: (_) @name body: (_)) @scope
    (namespace_definition name: (_) @name) @scope
  `,
  declare: (captures) => {
    const plain = declareC(captures);
    if (plain === null || captures["declarator"] !== undefined) return plain;
    const name = captures["name"]?.childForFieldName("name")?.text ?? plain.name;
    return { ...plain, name: name.replaceAll(/\s*::\s*/g, ".") };
  },
  isTestFile: ({ base }) => isNativeTest(base),
};
