/** What Claude Code's tools answer, read in the words of its versions 1.0.128 to 2.1.329. */
export { bashObservation } from "./bash-observation.ts";
export { readBashResult } from "./bash-result.ts";
export { readEditResult } from "./edit-result.ts";
export { readReadResult, type ReadResult } from "./read-result.ts";
export { rejectionText } from "./rejection.ts";
export { readWriteResult } from "./write-result.ts";
