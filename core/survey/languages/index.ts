import { c } from "./c.ts";
import { cpp } from "./cpp.ts";
import { csharp } from "./csharp.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import { kotlin } from "./kotlin.ts";
import type { Language } from "./language.ts";
import { php } from "./php.ts";
import { python } from "./python.ts";
import { ruby } from "./ruby.ts";
import { rust } from "./rust.ts";
import { tsx } from "./tsx.ts";
import { typescript } from "./typescript.ts";

export type { Language } from "./language.ts";

export const LANGUAGES: readonly Language[] = [python, javascript, typescript, tsx, go, java, rust, c, cpp, csharp, ruby, php, kotlin];

const byName = new Map(LANGUAGES.map((language) => [language.name, language]));

export function languageNamed(name: string): Language | null {
  return byName.get(name) ?? null;
}
