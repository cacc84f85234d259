import { axolotlRecipe } from "./axolotl.ts";
import { llamaFactoryRecipe } from "./llama-factory.ts";
import type { RecipeFile, RecipeInput } from "./recipe.ts";
import { trlRecipe } from "./trl.ts";

/** Settings for those who train elsewhere, for rows of a text format. None where there is no row. */
export function recipesOf(input: RecipeInput): readonly RecipeFile[] {
  if (input.files.t1.length + input.files.t2.length === 0) return [];
  return [...axolotlRecipe(input), ...llamaFactoryRecipe(input), ...trlRecipe(input)];
}
