/** A page of what passes a filter that the store knows nothing of. */
export interface Scanned<Row> {
  readonly rows: readonly Row[];
  /** The last row that was looked at; null when there are no more. */
  readonly last: Row | null;
}

const CHUNK = 200;
/** A filter that hardly anything passes must not read a whole table in one request; the client asks on from `last`. */
const MAX_CHUNKS = 10;

export async function scan<Row>(
  read: (after: Row | null, limit: number) => Promise<readonly Row[]>,
  passes: (row: Row) => boolean,
  limit: number,
): Promise<Scanned<Row>> {
  const rows: Row[] = [];
  let after: Row | null = null;
  for (let chunk = 0; chunk < MAX_CHUNKS; chunk += 1) {
    const page: readonly Row[] = await read(after, CHUNK);
    for (const row of page) {
      if (passes(row)) {
        if (rows.length === limit) return { rows, last: after };
        rows.push(row);
      }
      after = row;
    }
    if (page.length < CHUNK) return { rows, last: null };
  }
  return { rows, last: after };
}
