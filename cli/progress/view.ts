import type { Tally } from "./tally.ts";

/** Where a tally is shown. */
export interface ProgressView {
  update(tally: Tally): void;
  say(text: string): void;
  stop(): void;
}
