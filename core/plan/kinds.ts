import type { SeracConfig } from "../config/schema.ts";
import { InputError } from "../errors/index.ts";
import { MENU, type BugKind } from "./menu.ts";

export interface WeightedKind extends BugKind {
  /** Over 0; a kind of weight 2 is planned twice as often as one of weight 1. */
  readonly weight: number;
}

type KindSettings = Pick<SeracConfig["plan"], "kinds" | "kindWeights">;

/** The menu with the user's own kinds, in a stable order. A kind of the user's with the id of the menu replaces it. */
export function allKinds(settings: Pick<KindSettings, "kinds">): readonly BugKind[] {
  const own = new Map(Object.entries(settings.kinds).map(([id, text]) => [id, { id, title: id, text: naming(text) }]));
  const menu = MENU.map((kind) => own.get(kind.id) ?? kind);
  const added = [...own.values()].filter((kind) => !MENU.some((known) => known.id === kind.id));
  return [...menu, ...added.toSorted((a, b) => (a.id < b.id ? -1 : 1))];
}

/** Those that may be drawn. InputError("config_invalid") when none may be. */
export function weightedKinds(settings: KindSettings): readonly WeightedKind[] {
  const weights = new Map(Object.entries(settings.kindWeights));
  const drawn = allKinds(settings)
    .map((kind) => ({ ...kind, weight: weights.get(kind.id) ?? 1 }))
    .filter((kind) => kind.weight > 0);
  if (drawn.length > 0) return drawn;
  throw new InputError("config_invalid", "plan.kindWeights: every bug kind has weight 0, so nothing can be planned.", {
    hint: "Give at least one kind a weight over 0, or leave kindWeights out.",
  });
}

/** A description that forgets to say where to look is of no use to the agent. */
function naming(text: string): string {
  const places = ["{function}", "{path}"].filter((place) => !text.includes(place));
  return places.length === 0 ? text : `${text.trimEnd()} This is about ${places.map((place) => `\`${place}\``).join(" in ")}.`;
}
