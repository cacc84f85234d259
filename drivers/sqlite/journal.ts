import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Journal, JournalEntry } from "../../core/agent/journal.ts";
import { ConflictError } from "../../core/errors/index.ts";
import type { Connection } from "./connection.ts";

/** Observations repeat themselves: from here on an entry is stored compressed. */
const COMPRESS_FROM_CHARACTERS = 4096;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface Pending {
  readonly streamId: string;
  readonly n: number;
  readonly stored: string | Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Appends that arrive together are committed together: one flush to the disk for all of them. Each is durable when its promise resolves. */
export function journalIn({ db, transaction, run }: Connection): Journal & { readonly flush: () => void } {
  const insert = db.prepare(`
    INSERT INTO journal (stream, n, entry) SELECT :stream, :n, :entry
    WHERE :n = 0 OR EXISTS (SELECT 1 FROM journal WHERE stream = :stream AND n = :n - 1)
    ON CONFLICT DO NOTHING`);
  const select = db.prepare("SELECT entry FROM journal WHERE stream = ? ORDER BY n");
  let pending: Pending[] = [];

  function flush(): void {
    const group = pending;
    pending = [];
    if (group.length === 0) return;
    try {
      const written = transaction(() =>
        group.map(({ streamId, n, stored }) => insert.run({ stream: streamId, n, entry: stored }).changes === 1),
      );
      for (const [at, { streamId, n, resolve, reject }] of group.entries()) {
        if (written[at] === true) resolve();
        else reject(new ConflictError("journal_conflict", `entry ${n} of ${streamId} is written already, or the one before it is missing`));
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return {
    append: (streamId, n, entry) =>
      new Promise((resolve, reject) => {
        pending.push({ streamId, n, stored: encode(entry), resolve, reject });
        if (pending.length === 1) setImmediate(flush);
      }),
    read: async (streamId) => run(() => select.all(streamId).map((row) => decode(row["entry"]))),
    visit: async (streamId, see) =>
      run(() => {
        for (const row of select.iterate(streamId)) see(decode(row["entry"]));
      }),
    flush,
  };
}

function encode(entry: JournalEntry): string | Uint8Array {
  const text = JSON.stringify(entry);
  return text.length < COMPRESS_FROM_CHARACTERS ? text : zstdCompressSync(text, LEVEL);
}

function decode(stored: unknown): JournalEntry {
  return JSON.parse(stored instanceof Uint8Array ? zstdDecompressSync(stored).toString() : String(stored));
}
