import type { Answer } from "./answer.ts";
import { reasoningStyle } from "./answer.ts";
import { fraction } from "./draw.ts";

/** One rollout in twenty does not please the judge. */
const REFUSED = 0.05;

/** A verdict on a rollout, from the conversation's digest alone. */
export function judge(key: string): Answer {
  const isGood = fraction(key, "verdict") >= REFUSED;
  return {
    content: `${isGood ? "The change answers the complaint." : "The change has little to do with the complaint."}\n<output>${isGood ? "yes" : "no"}</output>`,
    reasoning: "I compare what was asked for with what was changed.",
    style: reasoningStyle(fraction(key, "reasoning")),
    calls: [],
  };
}
