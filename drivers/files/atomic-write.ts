import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Readers see the old file or the new one, also after a power cut: the content is on the disk before the name points to it.
 * The temporary file is made in `workFolder`, on the same disk; its name holds the process id, so that another process can tell
 * whether its writer is alive.
 */
export async function writeAtomically(file: string, content: Uint8Array | AsyncIterable<Uint8Array>, workFolder: string): Promise<void> {
  const temporary = join(workFolder, `${process.pid}-${randomUUID()}`);
  await mkdir(workFolder, { recursive: true });
  await mkdir(dirname(file), { recursive: true });
  try {
    const handle = await open(temporary, "wx");
    try {
      if (content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const chunk of content) await handle.writeFile(chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether the writer of this temporary file is gone. */
export function isStale(name: string): boolean {
  const pid = Number(/^(\d+)-[0-9a-f-]{36}$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(pid)) return false;
  return pid !== process.pid && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
