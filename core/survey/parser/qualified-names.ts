import type { PlacedDeclaration } from "./declarations.ts";
import type { FoundFunction } from "./protocol.ts";

interface Scope {
  readonly end: number;
  readonly name: string;
  readonly key: string;
}

/** Ten thousand functions inside each other must not have names of ten thousand parts. */
const MAX_QUALIFIED = 1000;
const CUT = ".…";

/**
 * Names functions by the scopes around them. A second function of one name in one scope is `name#2`, and what lies
 * inside it is `name#2.inner`; scopes of one name (two `impl` blocks, a reopened class) are one scope.
 */
export function qualifyFunctions(declarations: readonly PlacedDeclaration[], options: { readonly skipTests: boolean }): FoundFunction[] {
  const functions: FoundFunction[] = [];
  const taken = new Set<string>();
  const seen = new Map<string, number>();
  const around: Scope[] = [];
  let hiddenUntil = -1;
  for (const declaration of declarations) {
    if (declaration.start < hiddenUntil) continue;
    if (declaration.kind === "test") {
      if (options.skipTests) hiddenUntil = declaration.end;
      continue;
    }
    while (around.length > 0 && around.at(-1)!.end <= declaration.start) around.pop();
    const outer = around.at(-1);
    const name = join(outer?.name, declaration.name);
    const plain = join(outer?.key, declaration.name);
    const key = declaration.kind === "function" ? uniqueKey(plain, taken, seen) : plain;
    around.push({ end: declaration.end, name, key });
    if (declaration.kind !== "function") continue;
    functions.push({ key, name, startLine: declaration.startRow + 1, endLine: declaration.endRow + 1 });
  }
  return functions;
}

function join(outer: string | undefined, name: string): string {
  if (outer === undefined || outer === "") return name;
  if (outer.length > MAX_QUALIFIED) return outer.slice(0, MAX_QUALIFIED) + CUT;
  return name === "" ? outer : `${outer}.${name}`;
}

function uniqueKey(plain: string, taken: Set<string>, seen: Map<string, number>): string {
  let n = seen.get(plain) ?? 0;
  let key: string;
  do {
    n += 1;
    key = n === 1 ? plain : `${plain}#${n}`;
  } while (taken.has(key));
  seen.set(plain, n);
  taken.add(key);
  return key;
}
