import type { Language } from "./language.ts";

/** As javac's MethodTree with a body: methods, constructors, compact ones too. A lambda is an expression there. */
export const java: Language = {
  name: "java",
  extensions: [".java"],
  grammar: "java",
  patterns: `
    (method_declaration name: (_) @name body: (_)) @function
    (constructor_declaration name: (_) @name body: (_)) @function
    (compact_constructor_declaration name: (_) @name body: (_)) @function
    (class_declaration name: (_) @name) @scope
    (interface_declaration name: (_) @name) @scope
    (enum_declaration name: (_) @name) @scope
    (record_declaration name: (_) @name) @scope
    (annotation_type_declaration name: (_) @name) @scope
    (enum_constant name: (_) @name body: (_)) @scope
  `,
  // JUnit's names as Surefire and Failsafe look for them, and Maven's and Gradle's source sets.
  isTestFile: ({ path, base }) => /^Test.*\.java$|(Test|Tests|TestCase|IT|ITCase)\.java$/.test(base) || isJvmTestFolder(path),
};

export function isJvmTestFolder(path: string): boolean {
  return /(^|\/)src\/([a-z]+[A-Za-z]*)?[tT]est[A-Za-z]*\//.test(path);
}
