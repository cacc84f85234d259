import { execFile } from "node:child_process";
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { isErrorWithCode } from "./error-code.ts";

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

/** The pipes of one bash that is driven from here. */
export interface ShellPipes {
  readonly script: Pipe;
  readonly data: Pipe;
  readonly report: Pipe;
  /** Bytes for a command that reads them. */
  readonly feed: Pipe;
}

const TO_GUEST = ["script", "feed"];
const ROLES = ["script", "data", "report", "feed"] as const;

/** The guest ends in the order in which a machine gets them. */
export const guestEnds = (pipes: readonly ShellPipes[]): number[] => pipes.flatMap((shell) => ROLES.map((role) => shell[role].guest));

/** The pipes have no name any more when this returns: nothing is left to clean up after a crash. */
export async function createShellPipes(scratch: string, shells: number): Promise<ShellPipes[]> {
  const directory = await mkdtemp(path.join(scratch, "pipes-"));
  const opened: number[] = [];
  const open = (file: string, role: (typeof ROLES)[number]): Pipe => {
    const host = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    opened.push(host);
    const guest = openSync(file, TO_GUEST.includes(role) ? constants.O_RDONLY : constants.O_WRONLY);
    opened.push(guest);
    return { host, guest };
  };
  const fileOf = (shell: number, role: string): string => path.join(directory, `${shell}-${role}`);
  try {
    const numbers = Array.from({ length: shells }, (_, shell) => shell);
    await promisify(execFile)("mkfifo", ["-m", "600", ...numbers.flatMap((shell) => ROLES.map((role) => fileOf(shell, role)))]);
    return numbers.map((shell) => ({
      script: open(fileOf(shell, "script"), "script"),
      data: open(fileOf(shell, "data"), "data"),
      report: open(fileOf(shell, "report"), "report"),
      feed: open(fileOf(shell, "feed"), "feed"),
    }));
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
    if (isErrorWithCode(error, "EAGAIN")) return null;
    throw error;
  }
}
