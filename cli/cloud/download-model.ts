import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { InputError, SeracError } from "../../core/errors/index.ts";
import type { ControlClient } from "../platform/cloud.ts";
import { downloadFiles } from "./download-files.ts";

export interface DownloadModelOptions {
  /** Absolute; a new or empty folder. */
  readonly folder: string;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

export interface DownloadedModel {
  readonly modelId: string;
  readonly location: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly bytes: number;
}

/** Fetches the weights of a model, each file as its manifest has it. InputError("output_exists"), SeracError("artifact_missing"). */
export async function downloadModel(client: ControlClient, modelId: string, options: DownloadModelOptions): Promise<DownloadedModel> {
  const { folder } = options;
  const { files: linked } = await downloadFiles(client, {
    ...options,
    what: "The model",
    id: modelId,
    checkFolder: () => refuseTaken(folder),
    list: () => client.modelFiles(modelId),
    choose: () => () => true,
    verify: (came) => verify(came),
  });
  const files = linked.map(({ path, bytes }) => ({ path, bytes }));
  return { modelId, location: folder, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function refuseTaken(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new InputError("output_exists", `${folder} is no folder.`, { cause: error });
  });
  if (entries.length > 0)
    throw new InputError("output_exists", `${folder} is not empty: ${entries[0]} is in it.`, {
      hint: "Name a new folder, or an empty one.",
    });
}

const MANIFEST = "MANIFEST.json";
const manifestSchema = z.object({ files: z.array(z.object({ path: z.string(), sha256: z.string() })) });

/** Weights with a wrong bit load without a word. */
async function verify(folder: string): Promise<void> {
  const read = manifestSchema.safeParse(JSON.parse(await readFile(join(folder, MANIFEST), "utf8")));
  if (!read.success) throw new SeracError("record_invalid", `${MANIFEST} of the model is none that this serac can read.`);
  for (const { path, sha256 } of read.data.files) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(folder, path)), hash);
    if (hash.digest("hex") === sha256) continue;
    throw new SeracError("artifact_missing", `${path} is not what ${MANIFEST} says.`, {
      hint: "Fetch the model again into another folder.",
    });
  }
}
