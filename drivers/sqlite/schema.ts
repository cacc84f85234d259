import type { DatabaseSync } from "node:sqlite";

/** "sera" in ASCII: tells a home's database from anybody else's. */
export const APPLICATION_ID = 0x73657261;

export type Migration = (db: DatabaseSync) => void;

/** Step n takes a database from version n to n + 1. A released step never changes. */
export const MIGRATIONS: readonly Migration[] = [createTables, createWindows, createModels];

function createTables(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      created_at TEXT NOT NULL,
      record TEXT NOT NULL
    );

    CREATE TABLE spend (
      run_id TEXT PRIMARY KEY,
      budget INTEGER,
      settled INTEGER NOT NULL DEFAULT 0,
      reserved INTEGER NOT NULL DEFAULT 0,
      settled_calls INTEGER NOT NULL DEFAULT 0,
      reserved_calls INTEGER NOT NULL DEFAULT 0,
      uncertain_calls INTEGER NOT NULL DEFAULT 0,
      input_tokens INTEGER NOT NULL DEFAULT 0,
      cached_input_tokens INTEGER NOT NULL DEFAULT 0,
      output_tokens INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;

    CREATE TABLE calls (
      run_id TEXT NOT NULL,
      call_id TEXT NOT NULL,
      state TEXT NOT NULL,
      amount INTEGER NOT NULL,
      uncertain INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (run_id, call_id)
    ) WITHOUT ROWID;

    CREATE TABLE samples (
      id TEXT PRIMARY KEY,
      run_id TEXT NOT NULL,
      position INTEGER NOT NULL,
      state TEXT NOT NULL,
      reason TEXT NOT NULL,
      record TEXT NOT NULL
    );
    CREATE INDEX samples_by_position ON samples (run_id, position);
    CREATE INDEX samples_by_state ON samples (run_id, state, position);

    CREATE TABLE sample_counts (
      run_id TEXT NOT NULL,
      state TEXT NOT NULL,
      reason TEXT NOT NULL,
      samples INTEGER NOT NULL,
      PRIMARY KEY (run_id, state, reason)
    ) WITHOUT ROWID;
    CREATE TRIGGER count_new_sample AFTER INSERT ON samples BEGIN
      INSERT INTO sample_counts VALUES (new.run_id, new.state, new.reason, 1)
        ON CONFLICT DO UPDATE SET samples = samples + 1;
    END;
    CREATE TRIGGER count_moved_sample AFTER UPDATE OF state, reason ON samples
    WHEN old.state <> new.state OR old.reason <> new.reason BEGIN
      UPDATE sample_counts SET samples = samples - 1
        WHERE run_id = old.run_id AND state = old.state AND reason = old.reason;
      INSERT INTO sample_counts VALUES (new.run_id, new.state, new.reason, 1)
        ON CONFLICT DO UPDATE SET samples = samples + 1;
    END;

    CREATE TABLE leases (
      sample_id TEXT PRIMARY KEY,
      owner TEXT,
      token INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX leases_by_owner ON leases (owner) WHERE owner IS NOT NULL;

    CREATE TABLE patches (
      run_id TEXT NOT NULL,
      hash TEXT NOT NULL,
      sample_id TEXT NOT NULL,
      PRIMARY KEY (run_id, hash)
    ) WITHOUT ROWID;

    CREATE TABLE tasks (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      queue TEXT NOT NULL,
      id TEXT NOT NULL,
      body TEXT NOT NULL,
      visible_at INTEGER NOT NULL,
      receipt TEXT,
      receives INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX tasks_by_id ON tasks (queue, id);
    CREATE INDEX tasks_in_order ON tasks (queue, seq);
    CREATE INDEX tasks_received ON tasks (queue, visible_at, receives) WHERE receives > 0;

    CREATE TABLE journal (
      stream TEXT NOT NULL,
      n INTEGER NOT NULL,
      entry NOT NULL,
      PRIMARY KEY (stream, n)
    );
  `);
}

function createWindows(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE windows (
      run_id TEXT PRIMARY KEY,
      given INTEGER NOT NULL,
      last_index INTEGER NOT NULL,
      version INTEGER NOT NULL
    ) WITHOUT ROWID;
  `);
}

function createModels(db: DatabaseSync): void {
  db.exec(`
    CREATE TABLE models (
      id TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      created_at TEXT NOT NULL,
      record TEXT NOT NULL
    );
  `);
}
