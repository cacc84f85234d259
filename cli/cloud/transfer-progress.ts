import type { Io } from "../io.ts";

const EVERY_MS = 2000;

/** `uploading 12.3 of 48.1 MB` now and then, where the whole takes longer than that. */
export function transferProgress(io: Io, doing: string, totalBytes: number, quiet: boolean): (doneBytes: number) => void {
  let toldMs = performance.now();
  return (doneBytes) => {
    const nowMs = performance.now();
    if (quiet || nowMs - toldMs < EVERY_MS) return;
    toldMs = nowMs;
    io.err.tell(`${doing} ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MB\n`);
  };
}

export const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
