/**
 * Requests leave much young garbage behind. In V8's usual young generation, which grows to 16 MB twice over and more, a gateway takes
 * half as much memory again as in this one, at the same CPU (docs/benchmarks.md).
 */
const FLAG = "--max-semi-space-size=4";

/**
 * Starts this process anew with that young generation, which can only be chosen at the start: the same process id, streams and
 * arguments. Does nothing where it was chosen already, or where the system has no such call (Windows).
 */
export function restartWithServingHeap(): void {
  const isChosen = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((text) => text.includes("semi-space-size"));
  if (isChosen || process.execve === undefined || process.platform === "win32") return;
  process.execve(process.execPath, [process.execPath, FLAG, ...process.execArgv, ...process.argv.slice(1)], process.env);
}
