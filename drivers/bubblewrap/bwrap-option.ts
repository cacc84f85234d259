/** An option of bwrap with its arguments. */
export type BwrapOption = readonly string[];
