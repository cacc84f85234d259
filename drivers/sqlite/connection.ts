import { DatabaseSync } from "node:sqlite";
import { InputError } from "../../core/errors/index.ts";

/** How long a statement waits for another process's transaction. They are all short. */
const BUSY_TIMEOUT_MS = 20_000;

export interface Connection {
  readonly db: DatabaseSync;
  /** Runs `work` as one write transaction; errors of SQLite come out as SeracErrors. */
  readonly transaction: <T>(work: () => T) => T;
  /** The same for a single statement, which is its own transaction. */
  readonly run: <T>(work: () => T) => T;
  readonly close: () => void;
}

/** `durable`: a commit survives a power cut, at the price of a flush each. Otherwise it survives the death of the process. */
export function connect(file: string, options: { readonly durable: boolean }): Connection {
  return translating(file, () => {
    const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
    try {
      db.exec("PRAGMA journal_mode = WAL");
      db.exec(`PRAGMA synchronous = ${options.durable ? "FULL" : "NORMAL"}`);
      return connectionOn(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function connectionOn(db: DatabaseSync, file: string): Connection {
  return {
    db,
    run: (work) => translating(file, work),
    transaction: (work) =>
      translating(file, () => {
        db.exec("BEGIN IMMEDIATE");
        try {
          const result = work();
          db.exec("COMMIT");
          return result;
        } catch (error) {
          if (db.isTransaction) db.exec("ROLLBACK");
          throw error;
        }
      }),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

/** Primary result codes of SQLite (sqlite3.h). */
const BUSY = 5;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;

function translating<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(file, error);
  }
}

function translated(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const code = error.errcode & 0xff;
  const said = `${file}: ${error.message}`;
  if (code === FULL || (code === IO_ERROR && /disk|space/.test(error.message))) {
    return new InputError("disk_full", `cannot write ${said}`, { cause: error, hint: "Make room on the disk, then resume the run." });
  }
  if (code === NOT_A_DATABASE || code === CORRUPT) {
    return new InputError("home_unusable", `${file} is damaged or not a database of serac (${error.message})`, {
      cause: error,
      hint: "Move it away, or choose another home with --home.",
    });
  }
  if (code === BUSY) {
    return new InputError("home_in_use", `another process holds ${file} and does not let go (${error.message})`, {
      cause: error,
      hint: "End the process that uses this home.",
    });
  }
  return new InputError("home_unusable", `cannot use the home's database ${said}`, {
    cause: error,
    hint: "Check that the folder exists and may be written to, or choose another home with --home.",
  });
}
