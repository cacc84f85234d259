import { type Captures, type Declaration, type Language, declareCaptured } from "./language.ts";

/** Functions, methods and property hooks with a body; a closure is an expression there. */
export const php: Language = {
  name: "php",
  extensions: [".php", ".phtml", ".inc"],
  interpreters: ["php"],
  grammar: "php",
  patterns: `
    (function_definition name: (_) @name body: (_)) @function
    (method_declaration name: (_) @name body: (_)) @function
    (property_hook (name) @name body: (_)) @function
    (property_declaration (property_element name: (_) @name) (property_hook_list)) @scope
    (class_declaration name: (_) @name) @scope
    (interface_declaration name: (_) @name) @scope
    (trait_declaration name: (_) @name) @scope
    (enum_declaration name: (_) @name) @scope
  `,
  declare: (captures: Captures): Declaration | null => {
    const plain = declareCaptured(captures);
    return plain === null ? null : { ...plain, name: plain.name.replace(/^\$/, "") };
  },
  // PHPUnit's names, and the `Tests` folder that PSR-4 packages use.
  isTestFile: ({ path, base }) => /Test(Case)?\.php$/.test(base) || /(^|\/)Tests\//.test(path),
};
