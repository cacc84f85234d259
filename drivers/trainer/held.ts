import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { readLines } from "./lines.ts";

declare const SERAC_BUNDLE: boolean | undefined;

/** What lifeline.ts is told. */
export interface Held {
  readonly command: string;
  readonly args: readonly string[];
  /** Ends what is not in the process group of the command; empty: nothing is. */
  readonly kill: readonly string[];
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Held as long as the command runs. */
  readonly lockFile: string;
}

export interface HeldRun {
  readonly env: NodeJS.ProcessEnv;
  readonly onOutput: (line: string) => void;
  readonly onError: (line: string) => void;
  /** The command gets its SIGTERM. */
  readonly signal: AbortSignal;
}

const isBundled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;
const LIFELINE = fileURLToPath(new URL(isBundled ? "./trainer-lifeline.js" : "./lifeline.ts", import.meta.url));

/**
 * Runs a command that ends when this process does, however that ends. It is in a session of its own, so that a Ctrl-C in the terminal
 * reaches it through us alone. Returns its exit code; 128 and more stand for a signal, 127 for a command that is not there.
 */
export async function runHeld(held: Held, { env, onOutput, onError, signal }: HeldRun): Promise<number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", LIFELINE, JSON.stringify(held)], {
    stdio: ["pipe", "pipe", "pipe"],
    env,
    detached: true,
  });
  // Ended in the same moment as we end its input.
  child.stdin.on("error", () => {});
  const stop = (): void => void child.stdin.end();
  const endAtOnce = (): void => void child.kill("SIGTERM");
  process.once("exit", endAtOnce);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    const reading = Promise.all([readLines(child.stdout, onOutput), readLines(child.stderr, onError)]);
    const [code]: unknown[] = await once(child, "exit");
    await reading;
    return typeof code === "number" ? code : 137;
  } finally {
    signal.removeEventListener("abort", stop);
    process.off("exit", endAtOnce);
  }
}
