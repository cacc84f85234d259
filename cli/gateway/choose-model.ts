import { nearestOf } from "../../core/config/nearest-word.ts";
import { InputError } from "../../core/errors/index.ts";
import type { ListedModel } from "./list-models.ts";

export interface ModelWish {
  /** As the person named it; null: whatever there is. */
  readonly name: string | null;
  /** A name that the server does not list is taken, too: an adapter that it loads on first use. */
  readonly isUnlistedFine: boolean;
}

const MOST_SHOWN = 20;

/** The model to ask, and its window. InputError("upstream_model_unknown") names what there is. */
export function chooseModel(models: readonly ListedModel[], wish: ModelWish, where: string): ListedModel {
  const { name } = wish;
  if (name === null) {
    const [only, ...others] = models;
    if (only !== undefined && others.length === 0) return only;
    throw new InputError("upstream_model_unknown", `${where} ${servesText(models)}, so a model has to be named.`, {
      hint: "Name one with --model.",
    });
  }
  const found = models.find(({ id }) => id === name);
  if (found !== undefined) return found;
  if (wish.isUnlistedFine) return { id: name, contextTokens: commonWindow(models) };
  const nearest = nearestOf(
    name,
    models.map(({ id }) => id),
  );
  throw new InputError("upstream_model_unknown", `${where} has no model ${JSON.stringify(name)}: it ${servesText(models)}.`, {
    hint:
      nearest === null
        ? "Name one of them with --model, or add --unlisted for an adapter that is loaded on first use."
        : `Did you mean ${nearest}?`,
  });
}

function servesText(models: readonly ListedModel[]): string {
  if (models.length === 0) return "lists no model";
  const names = models.slice(0, MOST_SHOWN).map(({ id }) => id);
  return `serves ${names.join(", ")}${models.length > MOST_SHOWN ? " and more" : ""}`;
}

/** An adapter has the window of the model that it stands on. */
function commonWindow(models: readonly ListedModel[]): number | null {
  const windows = new Set(models.map(({ contextTokens }) => contextTokens));
  const [window = null] = windows;
  return windows.size === 1 ? window : null;
}
