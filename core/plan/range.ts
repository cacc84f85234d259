/** Three guesses at one quantity. `low` is the least of it: of tokens, money, hours. */
export interface Range {
  readonly low: number;
  readonly likely: number;
  readonly high: number;
}

export type Scenario = keyof Range;

export const rangeOf = (of: (scenario: Scenario) => number): Range => ({ low: of("low"), likely: of("likely"), high: of("high") });

export const sumOf = (ranges: readonly Range[]): Range => rangeOf((scenario) => ranges.reduce((sum, range) => sum + range[scenario], 0));

export const timesOf = (range: Range, by: number): Range => rangeOf((scenario) => range[scenario] * by);
