import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemClock } from "../../core/errors/clock.ts";
import { SeracError } from "../../core/errors/index.ts";
import { checkDatasetFolder } from "../platform/cloud.ts";
import type { CloudDataset, ControlClient } from "../platform/cloud.ts";
import { downloadFile } from "./download-file.ts";

export interface DownloadOptions {
  /** Absolute; a new folder, an empty one, or one with an earlier export, which is replaced when everything is here. */
  readonly folder: string;
  readonly choose: (dataset: CloudDataset) => (path: string) => boolean;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Downloaded {
  readonly runId: string;
  readonly location: string;
  readonly rehearsal: boolean;
  readonly formats: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly bytes: number;
}

/** What is in the folder of a download that is not whole yet: versions of files by their paths. */
type Begun = Record<string, string>;

const BEGUN = ".begun.json";
/** So often links may run out, or the dataset be written anew, before it is given up. */
const MOST_LISTINGS = 20;
const BETWEEN_LISTINGS_MS = 1_000;

/**
 * Fetches the files of a run's dataset into a folder beside `folder`, which a later call goes on with, and puts it in place when all of
 * it is there. InputError("output_exists"), SeracError("artifact_missing") when the run has no dataset.
 */
export async function downloadDataset(client: ControlClient, runId: string, options: DownloadOptions): Promise<Downloaded> {
  const { folder, signal } = options;
  await checkDatasetFolder(folder);
  const temporary = join(dirname(folder), `.${basename(folder)}.download-${runId}`);
  await mkdir(temporary, { recursive: true });
  for (let listing = 1; ; listing += 1) {
    const dataset = await client.dataset(runId);
    const passes = options.choose(dataset);
    const files = dataset.files.filter(({ path }) => passes(path)).map((file) => ({ ...file, path: safe(file.path) }));
    try {
      await fetchAll(client, files, temporary, options);
      if (!isSame(await client.dataset(runId), dataset))
        throw new SeracError("artifact_missing", "The dataset was written anew while it was fetched.");
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SeracError) || error.code !== "artifact_missing" || listing === MOST_LISTINGS) throw error;
      await systemClock.sleep(BETWEEN_LISTINGS_MS, signal);
      continue;
    }
    await putInPlace(temporary, folder);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      runId,
      location: folder,
      rehearsal: dataset.rehearsal,
      formats: dataset.formats,
      files: files.map(({ path, bytes: size }) => ({ path, bytes: size })),
      bytes,
    };
  }
}

async function fetchAll(
  client: ControlClient,
  files: CloudDataset["files"],
  temporary: string,
  { onProgress, signal }: DownloadOptions,
): Promise<void> {
  const begun = await begunIn(temporary);
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  for (const file of files) {
    const path = join(temporary, file.path);
    await mkdir(dirname(path), { recursive: true });
    if (begun[file.path] !== file.version) {
      await rm(path, { force: true });
      begun[file.path] = file.version;
      await writeFile(join(temporary, BEGUN), JSON.stringify(begun));
    }
    const before = done;
    await downloadFile(client, file, path, { onProgress: (bytes) => onProgress(before + bytes, total), signal });
    done += file.bytes;
  }
}

async function begunIn(temporary: string): Promise<Begun> {
  try {
    const read: unknown = JSON.parse(await readFile(join(temporary, BEGUN), "utf8"));
    return Object.fromEntries(Object.entries(read ?? {}).map(([path, version]) => [path, String(version)]));
  } catch {
    // Not there, or torn: what is in the folder is fetched again.
    return {};
  }
}

async function putInPlace(temporary: string, folder: string): Promise<void> {
  await rm(join(temporary, BEGUN), { force: true });
  // Somebody may have put something there meanwhile.
  await checkDatasetFolder(folder);
  const isThere = (await stat(folder).catch(() => null)) !== null;
  const replaced = `${temporary}.old`;
  if (isThere) await rename(folder, replaced);
  await rename(temporary, folder);
  if (isThere) await rm(replaced, { recursive: true, force: true });
}

const SAFE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Whatever an API says, nothing is written outside of the folder. */
function safe(path: string): string {
  if (SAFE.test(path)) return path;
  throw new SeracError(
    "record_invalid",
    `The dataset has a file with the path ${JSON.stringify(path.slice(0, 200))}, which serac did not write.`,
  );
}

const isSame = (a: CloudDataset, b: CloudDataset): boolean => versionsOf(a) === versionsOf(b);
const versionsOf = ({ files }: CloudDataset): string => JSON.stringify(files.map(({ path, version }) => [path, version]));
