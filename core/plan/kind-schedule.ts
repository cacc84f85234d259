import type { WeightedKind } from "./kinds.ts";
import { digest, wholeNumber, type Random } from "./random.ts";

/**
 * Deals kinds so that after any number of deals each has had its share by weight, as nearly as whole numbers allow
 * (smooth weighted round robin). The order of kinds of equal weight comes from the seed.
 */
export class KindSchedule {
  readonly #weights: readonly number[];
  readonly #total: number;
  readonly #credit: Float64Array;
  readonly #order: readonly number[];

  constructor(kinds: readonly WeightedKind[], seed: number) {
    // Weights may be anything a person writes; scaled, their sums stay exact enough over ten million deals.
    const largest = Math.max(...kinds.map((kind) => kind.weight));
    this.#weights = kinds.map((kind) => kind.weight / largest);
    this.#total = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#credit = new Float64Array(kinds.length);
    const keys = kinds.map((kind) => wholeNumber(digest("kind", seed, kind.id)));
    this.#order = [...kinds.keys()].toSorted((a, b) => keys[a]! - keys[b]!);
  }

  /** Index of a kind that is not in `taken`, which must leave at least one. */
  deal(taken: readonly number[]): number {
    let best = -1;
    for (const kind of this.#order) {
      this.#credit[kind]! += this.#weights[kind]!;
      if (!taken.includes(kind) && (best < 0 || this.#credit[kind]! > this.#credit[best]!)) best = kind;
    }
    this.#credit[best]! -= this.#total;
    return best;
  }
}

/** Up to `count` kinds by weight, without one twice and without those of `avoid` as long as there are others. */
export function drawKinds(
  kinds: readonly WeightedKind[],
  count: number,
  planned: number,
  avoid: readonly number[],
  random: Random,
): number[] {
  const drawn: number[] = [];
  while (drawn.length < count && drawn.length < kinds.length - 1) {
    const open = [...kinds.keys()].filter((kind) => kind !== planned && !drawn.includes(kind));
    const preferred = open.filter((kind) => !avoid.includes(kind));
    drawn.push(byWeight(preferred.length > 0 ? preferred : open, kinds, random));
  }
  return drawn;
}

function byWeight(among: readonly number[], kinds: readonly WeightedKind[], random: Random): number {
  let rest = random() * among.reduce((sum, kind) => sum + kinds[kind]!.weight, 0);
  for (const kind of among) {
    rest -= kinds[kind]!.weight;
    if (rest < 0) return kind;
  }
  return among.at(-1)!;
}
