import { InputError } from "../../core/errors/index.ts";

const MICRO = 1_000_000;

/** `--budget` of `resume`, in micro-dollars. Null lifts the budget; undefined leaves it. InputError("usage"). */
export function budgetOf(flag: string | undefined): number | null | undefined {
  if (flag === undefined) return undefined;
  if (flag === "none") return null;
  const usd = Number(flag);
  if (flag.trim() !== "" && Number.isFinite(usd) && usd >= 0) return Math.round(usd * MICRO);
  throw new InputError("usage", `--budget: found ${JSON.stringify(flag)}; allowed: US dollars, 0 or more, or none.`);
}
