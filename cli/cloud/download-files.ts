import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { systemClock } from "../../core/errors/clock.ts";
import { SeracError } from "../../core/errors/index.ts";
import type { CloudDataset, ControlClient } from "../platform/cloud.ts";
import { downloadFile } from "./download-file.ts";

/** A file behind a link. */
type LinkedFile = CloudDataset["files"][number];

export interface Listing {
  readonly files: readonly LinkedFile[];
}

export interface DownloadingFiles<Listed extends Listing> {
  /** `The dataset`, for messages. */
  readonly what: string;
  /** Of what is fetched: a folder that was begun goes on with the same alone. */
  readonly id: string;
  /** Absolute; replaced when everything is here. */
  readonly folder: string;
  /** Refuses a folder that holds what is not to be replaced. */
  readonly checkFolder: () => Promise<void>;
  readonly list: () => Promise<Listed>;
  readonly choose: (listed: Listed) => (path: string) => boolean;
  /** Looks at what came before it is put in place. */
  readonly verify?: (folder: string) => Promise<void>;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/** What is in the folder of a download that is not whole yet: versions of files by their paths. */
type Begun = Record<string, string>;

const BEGUN = ".begun.json";
/** So often links may run out, or the dataset be written anew, before it is given up. */
const MOST_LISTINGS = 20;
const BETWEEN_LISTINGS_MS = 1_000;

/**
 * Fetches files into a folder beside `folder`, which a later call goes on with, and puts it in place when all of it is there; returns what
 * was listed then. SeracError("artifact_missing") where the files change again and again.
 */
export async function downloadFiles<Listed extends Listing>(client: ControlClient, options: DownloadingFiles<Listed>): Promise<Listed> {
  const { folder, signal, what } = options;
  await options.checkFolder();
  const temporary = join(dirname(folder), `.${basename(folder)}.download-${options.id}`);
  await mkdir(temporary, { recursive: true });
  for (let listing = 1; ; listing += 1) {
    const listed = await options.list();
    const passes = options.choose(listed);
    const files = listed.files.filter(({ path }) => passes(path)).map((file) => ({ ...file, path: safe(file.path, what) }));
    try {
      await fetchAll(client, files, temporary, options);
      if (!isSame(await options.list(), listed)) throw new SeracError("artifact_missing", `${what} was written anew while it was fetched.`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SeracError) || error.code !== "artifact_missing" || listing === MOST_LISTINGS) throw error;
      await systemClock.sleep(BETWEEN_LISTINGS_MS, signal);
      continue;
    }
    await options.verify?.(temporary);
    await putInPlace(temporary, options);
    return { ...listed, files };
  }
}

async function fetchAll(
  client: ControlClient,
  files: readonly LinkedFile[],
  temporary: string,
  { onProgress, signal }: Pick<DownloadingFiles<Listing>, "onProgress" | "signal">,
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

async function putInPlace(
  temporary: string,
  { folder, checkFolder }: Pick<DownloadingFiles<Listing>, "folder" | "checkFolder">,
): Promise<void> {
  await rm(join(temporary, BEGUN), { force: true });
  // Somebody may have put something there meanwhile.
  await checkFolder();
  const isThere = (await stat(folder).catch(() => null)) !== null;
  const replaced = `${temporary}.old`;
  if (isThere) await rename(folder, replaced);
  await rename(temporary, folder);
  if (isThere) await rm(replaced, { recursive: true, force: true });
}

const SAFE = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Whatever an API says, nothing is written outside of the folder. */
function safe(path: string, what: string): string {
  if (SAFE.test(path)) return path;
  throw new SeracError(
    "record_invalid",
    `${what} has a file with the path ${JSON.stringify(path.slice(0, 200))}, which serac did not write.`,
  );
}

const isSame = (a: Listing, b: Listing): boolean => versionsOf(a) === versionsOf(b);
const versionsOf = ({ files }: Listing): string => JSON.stringify(files.map(({ path, version }) => [path, version]));
