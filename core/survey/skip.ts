import type { Language } from "./languages/index.ts";

/** Why a file is left out of the survey: a closed list, shown as it stands. */
export const SKIP_REASONS = [
  "test",
  "vendored",
  "generated",
  "too large",
  "binary",
  "submodule",
  "symlink",
  "unreadable",
  "not included",
  "excluded",
  "parser gave up",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

const TEST_ANYWHERE = new Set(["tests", "__tests__"]);
// `django/test/` and `rspec/spec/` are library code: these count at the top of the repository alone.
const TEST_AT_TOP = new Set(["test", "spec", "specs"]);
const VENDORED = new Set(["node_modules", "vendor", "_vendor", "third_party"]);

export function isTestPath(path: string, language: Language | null): boolean {
  const segments = path.split("/");
  const base = segments.pop() ?? path;
  if (segments.some((segment) => TEST_ANYWHERE.has(segment)) || TEST_AT_TOP.has(segments[0] ?? "")) return true;
  return language?.isTestFile({ path, base }) ?? false;
}

export function isVendoredPath(path: string): boolean {
  return path
    .split("/")
    .slice(0, -1)
    .some((segment) => VENDORED.has(segment));
}
