import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface RunLock {
  release(): void;
}

/** Source: https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/**
 * One process at a time may hold `file`; null while another does. The lock is the operating system's, taken through
 * SQLite: it ends with the process, however that ends, so nothing stale is ever left to clean up.
 */
export function acquireRunLock(file: string): RunLock | null {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { release: () => database.close() };
}

/** Whether some process holds the lock now. Creates nothing. */
export function isRunLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const lock = acquireRunLock(file);
    lock?.release();
    return lock === null;
  } catch {
    // A file that we may not even open for writing is nobody's lock that we could respect.
    return false;
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
