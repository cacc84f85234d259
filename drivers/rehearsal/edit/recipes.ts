import type { Outline } from "../source/outline.ts";
import type { Change, Recipe } from "./change.ts";
import { early, guard } from "./checks.ts";
import { docs, note } from "./comments.ts";
import { boundary, constant, narrow, optional } from "./conditions.ts";

/**
 * The repairs that the rehearsal agent knows, and how each looks from outside. The symptoms are the thread between
 * the calls, which know nothing of each other: the first agent says one, the writer repeats it, the second agent
 * recognises it. No symptom is part of another.
 */
export const RECIPES = {
  guard: {
    make: guard,
    symptoms: [
      "accepts a missing argument and fails only much later, with an error that explains nothing",
      "lets a missing value through and then breaks somewhere deep inside",
    ],
  },
  early: { make: early, symptoms: ["does needless work when there is nothing to work on", "does not cope with empty input"] },
  narrow: {
    make: narrow,
    symptoms: [
      "takes a branch that it should take only when its argument is really there",
      "treats an absent value as if it met the condition",
    ],
  },
  boundary: { make: boundary, symptoms: ["is off by one at the edge of its range", "is wrong for a value that lies exactly on the limit"] },
  constant: {
    make: constant,
    symptoms: [
      "hides a limit in the middle of its code, so that nobody can tell what it stands for",
      "depends on a number whose meaning is written down nowhere",
    ],
  },
  optional: {
    make: optional,
    symptoms: [
      "makes every caller pass an argument that hardly anybody cares about",
      "cannot be called without its last argument, though the usual value is obvious",
    ],
  },
  note: {
    make: note,
    symptoms: ["leaves its readers guessing what it expects of its input", "keeps silent about what it takes for granted"],
  },
  docs: { make: docs, symptoms: ["tells the people who call it nothing about its contract", "gives no account of what it is for"] },
} as const satisfies Record<string, { readonly make: Recipe; readonly symptoms: readonly string[] }>;

export type RecipeName = keyof typeof RECIPES;
export const RECIPE_NAMES: readonly RecipeName[] = ["guard", "early", "narrow", "boundary", "constant", "optional", "note", "docs"];
/** Those that change what a program does. */
const MAIN: readonly RecipeName[] = ["guard", "early", "narrow", "boundary", "constant", "optional"];

export interface Repair {
  readonly recipe: RecipeName;
  readonly variant: 0 | 1;
}

export const changesOf = (outline: Outline, name: string, { recipe, variant }: Repair): readonly Change[] | null =>
  RECIPES[recipe].make(outline, name, variant);

/** Which recipes the function has a place for, those that change its behaviour first. */
export function applicable(outline: Outline, name: string): { readonly main: readonly RecipeName[]; readonly side: readonly RecipeName[] } {
  const fits = RECIPE_NAMES.filter((recipe) => changesOf(outline, name, { recipe, variant: 0 }) !== null);
  return { main: fits.filter((recipe) => MAIN.includes(recipe)), side: fits.filter((recipe) => !MAIN.includes(recipe)) };
}

/** The recipes whose symptoms a text tells of, in the order of the text. */
export function recipesIn(text: string): readonly RecipeName[] {
  const flat = text.replace(/\s+/g, " ");
  return RECIPE_NAMES.map((recipe) => ({ recipe, at: Math.max(...RECIPES[recipe].symptoms.map((symptom) => flat.indexOf(symptom))) }))
    .filter(({ at }) => at >= 0)
    .toSorted((one, other) => one.at - other.at)
    .map(({ recipe }) => recipe);
}
