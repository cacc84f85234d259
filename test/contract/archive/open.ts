import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { afterEach, expect } from "vitest";

import { InputError } from "../../../core/errors/index.ts";
import type { RepositoryFile, RepositorySource } from "../../../core/survey/repository.ts";
import { createArchives, type ArchiveLimits } from "../../../drivers/archive/index.ts";
import { newFolder } from "../repository/fixture.ts";

export interface OpenOptions {
  readonly commit?: string;
  readonly limits?: Partial<ArchiveLimits>;
  readonly signal?: AbortSignal;
  /** In pieces of so many bytes. */
  readonly pieces?: number;
}

interface Opened {
  readonly source: RepositorySource;
  readonly parent: string;
}

const opened: Opened[] = [];

afterEach(async () => {
  for (const { source, parent } of opened.splice(0)) {
    await source.close();
    expectNothingIn(parent);
  }
});

/** Nothing was written beside the folder that the driver was given, and nothing is left in it. */
function expectNothingIn(parent: string): void {
  expect(readdirSync(parent)).toEqual(["work"]);
  expect(readdirSync(join(parent, "work"))).toEqual([]);
}

export async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

export async function open(bytes: Uint8Array, options: OpenOptions = {}): Promise<RepositorySource> {
  const parent = newFolder();
  const work = join(parent, "work");
  mkdirSync(work);
  const { commit = "HEAD", limits = {}, signal, pieces = 65_536 } = options;
  const archives = createArchives({ artifacts: { stream: () => inPieces(bytes, pieces) }, folder: work, limits });
  try {
    const source = await archives.open("key", { commit, origin: "the archive", ...(signal === undefined ? {} : { signal }) });
    opened.push({ source, parent });
    return source;
  } catch (error) {
    expectNothingIn(parent);
    throw error;
  }
}

/** The refusal, which always names the archive and says what to do. */
export async function refusal(bytes: Uint8Array, options: OpenOptions = {}): Promise<InputError> {
  const error: unknown = await open(bytes, options).then(
    () => new Error("It was opened."),
    (reason: unknown) => reason,
  );
  if (!(error instanceof InputError)) throw error;
  expect(error.message).toContain("the archive");
  expect(error.hint).toMatch(/\.$/);
  // eslint-disable-next-line no-control-regex
  expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  return error;
}

export const codeOf = async (bytes: Uint8Array, options: OpenOptions = {}): Promise<string> => (await refusal(bytes, options)).code;

export interface SeenFile {
  readonly kind: RepositoryFile["kind"];
  readonly executable: boolean;
  readonly size: number;
  /** Latin-1, so that every byte counts. */
  readonly content: string;
}

export async function seen(source: RepositorySource): Promise<Record<string, SeenFile>> {
  const files: Record<string, SeenFile> = {};
  for await (const file of source.files()) {
    const content = await file.read();
    if (file.kind === "file") expect(content.length).toBe(file.size);
    files[file.path] = {
      kind: file.kind,
      executable: file.executable,
      size: file.size,
      content: file.kind === "submodule" ? "" : Buffer.from(content).toString("latin1"),
    };
  }
  return files;
}
