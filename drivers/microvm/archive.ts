import { readFile } from "node:fs/promises";
import path from "node:path";
import type { PrepareRequest } from "../../core/agent/sandbox.ts";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { SeracError } from "../../core/errors/index.ts";
import type { PreparePlan } from "./guest/plan.ts";
import { zip, type ZipEntry } from "./zip.ts";

/** What an image is made of besides the repository. */
export interface ImageParts {
  /** Holds `Dockerfile` and `server.mjs`, as scripts/build-sandbox.ts makes them. */
  readonly folder: string;
  /** The repository's files as the guest reads them. */
  readonly pack: (source: PrepareRequest["source"], signal?: AbortSignal) => AsyncIterable<Uint8Array>;
}

/** The archive from which AWS builds the image: Dockerfile, tool server, what to install, repository. */
export async function* imageArchive(request: PrepareRequest, parts: ImageParts, settings: MicrovmSettings): AsyncGenerator<Uint8Array> {
  const { install, timeoutMs, limits } = request;
  const plan: PreparePlan = { install: [...install], timeoutMs, limits };
  const dockerfile = withBase(await readPart(parts, "Dockerfile"), settings.baseContainer);
  const entries: ZipEntry[] = [
    { name: "Dockerfile", content: Buffer.from(dockerfile) },
    { name: "server.mjs", content: await readPart(parts, "server.mjs") },
    { name: "plan.json", content: Buffer.from(JSON.stringify(plan)) },
    { name: "repository.pack", content: parts.pack(request.source, request.signal) },
  ];
  yield* zip(entries);
}

/** A build takes no arguments, so the value stands in the file. */
export function withBase(dockerfile: Uint8Array, base: string): string {
  const text = Buffer.from(dockerfile).toString("utf8");
  const line = /^ARG BASE_IMAGE=.*$/m;
  if (!line.test(text)) throw new SeracError("sandbox_unavailable", "The Dockerfile of the sandbox names no BASE_IMAGE.");
  return text.replace(line, () => `ARG BASE_IMAGE=${base}`);
}

async function readPart({ folder }: ImageParts, name: string): Promise<Buffer> {
  try {
    return await readFile(path.join(folder, name));
  } catch (cause) {
    throw new SeracError("sandbox_unavailable", `A part of the sandbox's image is missing: ${path.join(folder, name)}.`, {
      hint: "node scripts/build-sandbox.ts makes it.",
      cause,
    });
  }
}
