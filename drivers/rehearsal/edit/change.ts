import type { Outline } from "../source/outline.ts";

/** One change of a line; indexes count from the view's first line. */
export type Change =
  | { readonly kind: "insert"; readonly before: number; readonly lines: readonly string[] }
  | { readonly kind: "replace"; readonly at: number; readonly line: string };

/**
 * How one kind of repair is made. The same outline and variant always give the same changes: that is how a second
 * rollout can repeat what a first one did. Null where the function offers no place for it.
 * Variant 0 is the repair itself, variant 1 a different take on it that shares some of its lines.
 */
export type Recipe = (outline: Outline, name: string, variant: 0 | 1) => readonly Change[] | null;
