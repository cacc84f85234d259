import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A process that was just killed may still have made a file: removal begins anew instead of failing with ENOTEMPTY. */
const AGAIN = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "serac-test-"));

export const removeFolder = (folder: string): Promise<void> => rm(folder, AGAIN);

/** For what has to be gone at once; waits without letting anything else run. */
export const removeFolderSync = (folder: string): void => rmSync(folder, AGAIN);
