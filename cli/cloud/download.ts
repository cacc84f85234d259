import { EXIT } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { transferProgress } from "./transfer-progress.ts";

export interface Download {
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** Aborted by Ctrl-C; what is there by then is kept. */
  readonly signal: AbortSignal;
}

/** Fetches something large, says how far it is, and can be stopped and called again. */
export async function downloading<T>(io: Io, fetchAll: (download: Download) => Promise<T>): Promise<T> {
  const interrupts = watchInterrupts({
    graceMs: 2_500,
    onFirst: () => io.err.tell("Stopping. The same command goes on where this one ends.\n"),
    onForce: () => process.exit(EXIT.paused),
  });
  let tell: ((bytes: number) => void) | undefined;
  try {
    return await fetchAll({
      onProgress: (done, total) => (tell ??= transferProgress(io, "downloading", total, false))(done),
      signal: interrupts.signal,
    });
  } finally {
    interrupts.stop();
  }
}
