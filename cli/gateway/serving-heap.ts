/**
 * Requests leave much young garbage behind, and what a stream has outlives the young generation. V8 lets both grow while the machine has
 * memory. Here the young generation is small, and the old one is collected when it has grown by a third: a gateway with 300 streams takes
 * half as much above its start, for a tenth more CPU under full load (docs/benchmarks.md).
 */
const FLAGS = ["--max-semi-space-size=2", "--initial-old-space-size=16", "--heap-growing-percent=30"];

/**
 * glibc keeps an arena for each of V8's threads, with what their last compilation needed; one serves all. A fixed threshold keeps it from
 * learning from large request bodies that such memory need not be given back.
 */
const MALLOC = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };

/**
 * Starts this process anew with that memory, which can only be chosen at the start: the same process id, streams and arguments. Does
 * nothing where it was chosen already, or where the system has no such call (Windows).
 */
export function restartWithServingHeap(): void {
  const isChosen = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((text) => text.includes("semi-space-size"));
  if (isChosen || process.execve === undefined || process.platform === "win32") return;
  const env = { ...MALLOC, ...process.env };
  process.execve(process.execPath, [process.execPath, ...FLAGS, ...process.execArgv, ...process.argv.slice(1)], env);
}
