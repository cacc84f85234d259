import { open } from "node:fs/promises";

import { writeFully } from "./content-file.ts";

/** Puts a stream into a new file, for formats that are read in any order. */
export async function spool(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    for await (const chunk of chunks) await writeFully(handle, chunk);
  } finally {
    await handle.close();
  }
}
