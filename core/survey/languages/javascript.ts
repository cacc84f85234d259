import { declareEcmascript, ecmascriptPatterns, isEcmascriptTest } from "./ecmascript.ts";
import type { Language } from "./language.ts";

export const javascript: Language = {
  name: "javascript",
  extensions: [".js", ".mjs", ".cjs", ".jsx"],
  interpreters: ["node", "nodejs", "bun"],
  grammar: "javascript",
  patterns: ecmascriptPatterns("field_definition property: (_) @name", []),
  declare: declareEcmascript,
  isTestFile: isEcmascriptTest,
};
