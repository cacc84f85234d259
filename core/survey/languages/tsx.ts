import { declareEcmascript, isEcmascriptTest } from "./ecmascript.ts";
import type { Language } from "./language.ts";
import { TYPESCRIPT_WRAPPERS, typescriptPatterns } from "./typescript.ts";

/** A grammar of its own: `<T>value` is an element here and no assertion. */
export const tsx: Language = {
  name: "tsx",
  extensions: [".tsx"],
  grammar: "tsx",
  patterns: typescriptPatterns(TYPESCRIPT_WRAPPERS),
  declare: declareEcmascript,
  isTestFile: isEcmascriptTest,
};
