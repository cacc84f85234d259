import { execFile } from "node:child_process";
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/**
 * A named pipe, both ends held here. Node's own stdio pipes are sockets, on which `/dev/stdout` cannot be opened and a
 * reader cannot be emptied synchronously; commands inside a sandbox expect real pipes.
 */
export interface Pipe {
  /** Non-blocking, both directions, so that neither end ever sees the other as closed. */
  readonly host: number;
  /** Blocking; inherited by the sandbox, closed here once that has happened. */
  readonly guest: number;
}

export type PipeDirection = "toGuest" | "fromGuest";

/** The pipes have no name any more when this returns: nothing is left to clean up after a crash. */
export async function createPipes(scratch: string, directions: readonly PipeDirection[]): Promise<Pipe[]> {
  const directory = await mkdtemp(path.join(scratch, "pipes-"));
  const opened: number[] = [];
  try {
    const names = directions.map((_, index) => path.join(directory, String(index)));
    await promisify(execFile)("mkfifo", ["-m", "600", ...names]);
    return directions.map((direction, index) => {
      const host = openSync(names[index]!, constants.O_RDWR | constants.O_NONBLOCK);
      opened.push(host);
      const guest = openSync(names[index]!, direction === "toGuest" ? constants.O_RDONLY : constants.O_WRONLY);
      opened.push(guest);
      return { host, guest };
    });
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const scrap = Buffer.allocUnsafe(65_536);

/** Everything that lies in the pipe right now. */
export function drain(fd: number, onBytes: (bytes: Buffer) => void): void {
  for (;;) {
    const count = unlessBusy(() => readSync(fd, scrap));
    if (count === null || count === 0) return;
    onBytes(Buffer.from(scrap.subarray(0, count)));
  }
}

const RETRY_MS = 1;

/** Waits while the pipe is full; stops quietly when `stop` says so. */
export async function writeAll(fd: number, bytes: Uint8Array, stop: () => boolean): Promise<void> {
  let at = 0;
  while (at < bytes.length && !stop()) {
    const count = unlessBusy(() => writeSync(fd, bytes, at, Math.min(bytes.length - at, 65_536)));
    if (count === null) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    else at += count;
  }
}

function unlessBusy(operation: () => number): number | null {
  try {
    return operation();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return null;
    throw error;
  }
}
