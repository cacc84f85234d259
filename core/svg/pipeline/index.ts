export { cancelRun } from "./cancel.ts";
export { createRun, type NewRun } from "./create.ts";
export { executeRun, type ExecuteOptions } from "./execute.ts";
export { retryFailed } from "./retry-failed.ts";
export { loadRun } from "./load.ts";
export { summarizeRun } from "./summarize.ts";
