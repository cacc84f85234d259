import { declareEcmascript, ecmascriptPatterns, isEcmascriptTest } from "./ecmascript.ts";
import type { Language } from "./language.ts";

export const TYPESCRIPT_WRAPPERS = ["as_expression", "satisfies_expression", "non_null_expression"];

/** Beside JavaScript's: overload signatures, abstract methods and `declare`d functions have no body and are none. */
export const typescriptPatterns = (wrappers: readonly string[]): string => `
  ${ecmascriptPatterns("public_field_definition name: (_) @name", wrappers)}
  (abstract_class_declaration name: (_) @name) @scope
  (internal_module name: (_) @name) @scope
  (module name: (_) @name) @scope
`;

export const typescript: Language = {
  name: "typescript",
  extensions: [".ts", ".mts", ".cts"],
  interpreters: ["ts-node", "tsx", "deno"],
  grammar: "typescript",
  patterns: typescriptPatterns([...TYPESCRIPT_WRAPPERS, "type_assertion"]),
  declare: declareEcmascript,
  isTestFile: isEcmascriptTest,
};
