import { open, rm, stat } from "node:fs/promises";
import { systemClock } from "../../core/errors/clock.ts";
import { SeracError } from "../../core/errors/index.ts";
import type { CloudDataset, ControlClient } from "../platform/cloud.ts";

export interface DownloadFileOptions {
  /** Bytes of this file that are here. */
  readonly onProgress: (bytes: number) => void;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 6;
const BASE_MS = 1_000;

/** Fetches what is not there yet of a file. Throws SeracError: `artifact_missing` for a link that is no longer good. */
export async function downloadFile(
  client: ControlClient,
  file: CloudDataset["files"][number],
  path: string,
  { onProgress, signal }: DownloadFileOptions,
): Promise<void> {
  for (let attempt = 1; ;) {
    const have = await sizeOf(path);
    onProgress(Math.min(have, file.bytes));
    if (have === file.bytes) return;
    if (have > file.bytes) await rm(path);
    try {
      await append(client, file.url, path, { have: have > file.bytes ? 0 : have, most: file.bytes, onProgress, signal });
    } catch (error) {
      signal.throwIfAborted();
      const isPassing = error instanceof SeracError && (error.code === "api_unreachable" || error.code === "cloud_failed");
      // A line that breaks again and again, but brings something each time, is a slow one.
      attempt = (await sizeOf(path)) > have ? 1 : attempt + 1;
      if (!isPassing || attempt > ATTEMPTS) throw error;
      await systemClock.sleep(BASE_MS * 2 ** (attempt - 1), signal);
      continue;
    }
    const got = await sizeOf(path);
    if (got !== file.bytes) {
      await rm(path, { force: true });
      throw new SeracError("artifact_missing", `${file.path} came with ${got} bytes instead of ${file.bytes}.`);
    }
  }
}

interface Appending extends DownloadFileOptions {
  readonly have: number;
  readonly most: number;
}

async function append(client: ControlClient, url: string, path: string, { have, most, onProgress, signal }: Appending): Promise<void> {
  const { from, chunks } = await client.download(url, have, signal);
  const handle = await open(path, from === 0 ? "w" : "a");
  try {
    let bytes = from;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      // No disk is filled by a store that sends more than it said.
      if (bytes > most) throw new SeracError("artifact_missing", `More than ${most} bytes came.`);
      await handle.writeFile(chunk);
      onProgress(bytes);
    }
  } finally {
    await handle.close();
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;
