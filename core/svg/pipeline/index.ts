export { cancelRun } from "./cancel.ts";
export { createRun, type NewRun } from "./create.ts";
export { executeRun } from "./execute.ts";
export type { ExecuteOptions } from "./options.ts";
export { retryFailed } from "./retry-failed.ts";
export { summarizeRun } from "./summarize.ts";
