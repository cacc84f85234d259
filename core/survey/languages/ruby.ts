import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** `def`, as Ruby's own parser lists methods: blocks, lambdas and `define_method` are calls there. A class method is `self.name`. */
export const ruby: Language = {
  name: "ruby",
  extensions: [".rb", ".rake", ".gemspec", ".ru"],
  interpreters: ["ruby", "jruby"],
  grammar: "ruby",
  patterns: `
    (method name: (_) @name) @function
    (singleton_method object: (_) @object name: (_) @name) @function
    (class name: (_) @name) @scope
    (module name: (_) @name) @scope
    (singleton_class value: (_) @name) @scope
  `,
  declare,
  isTestFile: ({ base }) => /(_spec|_test)\.rb$|^test_.*\.rb$/.test(base),
};

function declare(captures: Captures): Declaration | null {
  const plain = declareCaptured(captures);
  if (plain === null) return null;
  const object = captures["object"];
  const name = object === undefined ? plain.name : `${object.text}.${plain.name}`;
  return { ...plain, name: name.replaceAll("::", ".") };
}
