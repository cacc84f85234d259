import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import * as z from "zod";
import type { PrepareRequest } from "../../core/agent/sandbox.ts";
import { InputError, SandboxError } from "../../core/errors/index.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import { MAX_BASE_BYTES } from "./guest/wire.ts";

export type BaseArtifacts = Pick<ArtifactStore, "put" | "get" | "stream" | "exists" | "list" | "remove">;
export type PackSource = (source: PrepareRequest["source"], signal?: AbortSignal) => AsyncIterable<Uint8Array>;

/** Packed repositories in the bucket, one a run, each with a note once it was tried. */
export interface Bases {
  put(request: PrepareRequest): Promise<void>;
  stream(directory: string): AsyncIterable<Uint8Array>;
  /** The commit of the workspace, as the trial told it; null before that. */
  tried(directory: string): Promise<string | null>;
  noteTrial(directory: string, baseCommit: string): Promise<void>;
  remove(directory: string): Promise<void>;
  /** For which directories there are any. */
  list(): AsyncIterable<string>;
}

const note = z.strictObject({ directory: z.string(), baseCommit: z.string().nullable() });

export function createBases(artifacts: BaseArtifacts, prefix: string, pack: PackSource): Bases {
  const keyOf = (directory: string, ending: string): string => `${prefix}${nameOf(directory)}.${ending}`;
  const write = (directory: string, baseCommit: string | null): Promise<void> =>
    artifacts.put(keyOf(directory, "json"), Buffer.from(JSON.stringify({ directory, baseCommit } satisfies z.infer<typeof note>)));

  async function read(key: string): Promise<z.infer<typeof note>> {
    try {
      return note.parse(JSON.parse(Buffer.from(await artifacts.get(key)).toString("utf8")));
    } catch (cause) {
      throw new SandboxError("sandbox_failed", `The note of a sandbox's base, ${key}, cannot be read.`, { cause });
    }
  }

  return {
    async put({ directory, source, signal }) {
      // The note first: whatever lies there is found by it.
      await write(directory, null);
      await artifacts.put(keyOf(directory, "pack.zst"), limited(compressed(pack(source, signal)), source.origin));
    },
    stream: (directory) => artifacts.stream(keyOf(directory, "pack.zst")),
    async tried(directory) {
      const key = keyOf(directory, "json");
      return (await artifacts.exists(key)) ? (await read(key)).baseCommit : null;
    },
    noteTrial: write,
    async remove(directory) {
      await artifacts.remove(keyOf(directory, "pack.zst"));
      await artifacts.remove(keyOf(directory, "json"));
    },
    async *list() {
      for await (const key of artifacts.list(prefix)) if (key.endsWith(".json")) yield (await read(key)).directory;
    },
  };
}

/** The same at each call, and no other directory's. */
const nameOf = (directory: string): string => createHash("sha256").update(directory).digest("hex").slice(0, 32);

async function* compressed(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = createZstdCompress();
  // Whoever reads is told, also of what fails before anybody does.
  packed.on("error", () => {});
  const feeding = pipeline(bytes, packed);
  feeding.catch(() => {});
  for await (const chunk of packed) if (chunk instanceof Uint8Array) yield chunk;
  await feeding;
}

async function* limited(bytes: AsyncIterable<Uint8Array>, origin: string): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (length > MAX_BASE_BYTES) {
      throw new InputError("archive_too_large", `${origin} is larger than ${MAX_BASE_BYTES / 1_000_000_000} GB when it is packed.`, {
        hint: "Each rollout's function gets the whole work tree: leave large data out of the repository.",
      });
    }
    yield chunk;
  }
}
