import { InputError, SeracError } from "../errors/index.ts";
import { archiveKey } from "../svg/names.ts";
import type { RunArchive, RunRecord } from "../svg/store.ts";
import type { ArtifactFacts, ControlPlatform } from "./platform.ts";

export const MAX_ARCHIVE_BYTES = 2 * 1024 ** 3;

/** What is known of an archive before a byte of it is read. InputError("archive_…") for one that need not be read. */
export function checkArchive(name: string, facts: ArtifactFacts | null): ArtifactFacts {
  if (facts === null) throw new InputError("archive_unreadable", `There is no archive ${name}.`, { hint: "Upload it first." });
  if (facts.bytes === 0) throw new InputError("archive_unreadable", `${name} is empty.`, { hint: "Upload it again." });
  if (facts.bytes <= MAX_ARCHIVE_BYTES) return facts;
  const gigabytes = (facts.bytes / 1024 ** 3).toFixed(1);
  throw new InputError("archive_too_large", `${name} has ${gigabytes} GB; allowed are ${MAX_ARCHIVE_BYTES / 1024 ** 3} GB.`, {
    hint: "Leave out what is not source code, such as build outputs, data and the history of large files.",
  });
}

/**
 * Copies the archive to the run, so that neither a later drop nor the end of an upload's life takes it away. Returns the run as it is
 * now. InputError when the archive is gone, or is another one than the run was started with.
 */
export async function keepArchive(platform: ControlPlatform, run: RunRecord, signal: AbortSignal): Promise<RunRecord> {
  const { archive } = run;
  if (archive === undefined) throw new SeracError("record_invalid", `Run ${run.id} names no archive.`);
  const key = archiveKey(run.id);
  if (archive.key === key) return run;
  await checkSame(platform, run, archive);
  await platform.artifacts.put(key, unlessAborted(platform.artifacts.stream(archive.key), signal));
  await checkSame(platform, run, archive);
  return platform.store.changeRun(run.id, ["preparing"], { archive: { ...archive, key } });
}

async function checkSame(platform: ControlPlatform, run: RunRecord, archive: RunArchive): Promise<void> {
  const { version } = checkArchive(run.repository, await platform.factsOf(archive.key));
  if (archive.version === undefined || version === archive.version) return;
  throw new InputError("archive_unreadable", `${run.repository} was replaced before the run could read it.`, {
    hint: "The new archive makes a run of its own.",
  });
}

async function* unlessAborted(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    yield chunk;
  }
}
