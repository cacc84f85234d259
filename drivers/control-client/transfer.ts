import type { Clock } from "../../core/errors/clock.ts";
import { InputError, SeracError } from "../../core/errors/index.ts";
import { unreachable } from "./refusal.ts";

/** What goes between this machine and the store behind a link. No key is sent there. */

export interface UploadRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  /** From the beginning; called once a try. */
  readonly open: () => AsyncIterable<Uint8Array>;
  readonly onProgress: (sentBytes: number) => void;
  readonly signal: AbortSignal;
}

const ATTEMPTS = 4;
const BASE_MS = 1_000;

/** Leaves the archive, from the beginning again when the line breaks. */
export async function upload(request: UploadRequest, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { error, again } = await put(request);
    if (error === null) return;
    if (!again || attempt === ATTEMPTS) throw error;
    await clock.sleep(BASE_MS * 2 ** (attempt - 1), request.signal);
  }
}

async function put({
  url,
  headers,
  bytes,
  open,
  onProgress,
  signal,
}: UploadRequest): Promise<{ error: SeracError | null; again: boolean }> {
  try {
    const response = await fetch(url, {
      method: "PUT",
      // A store takes no body of unknown length.
      headers: { ...headers, "content-length": String(bytes) },
      body: ReadableStream.from(counted(open(), onProgress)),
      duplex: "half",
      signal,
    });
    const said = await response.text();
    if (response.ok) return { error: null, again: false };
    const error = new SeracError("cloud_failed", `The archive was not taken: HTTP ${response.status}${reasonIn(said)}.`, {
      hint: "The address is good for an hour; start again for a new one.",
    });
    return { error, again: response.status >= 500 || response.status === 429 };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InputError) throw error;
    return { error: unreachable(new URL(url).origin, error), again: true };
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onProgress: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    yield chunk;
    sent += chunk.byteLength;
    onProgress(sent);
  }
}

export interface Download {
  /** Where `chunks` begin: less than what was asked for when the store sends all of it anew. */
  readonly from: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What lies behind a link, from a byte on. SeracError("artifact_missing") for a link that is no longer good. */
export async function download(url: string, from: number, signal: AbortSignal): Promise<Download> {
  let response: Response;
  try {
    response = await fetch(url, { headers: from === 0 ? {} : { range: `bytes=${from}-` }, signal });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(new URL(url).origin, error);
  }
  if (response.body !== null && (response.status === 200 || response.status === 206)) {
    return { from: response.status === 206 ? from : 0, chunks: cut(response.body, url, signal) };
  }
  const said = await response.text().catch(() => "");
  const isGone = response.status === 403 || response.status === 404 || response.status === 416;
  throw new SeracError(isGone ? "artifact_missing" : "cloud_failed", `A file was not given out: HTTP ${response.status}${reasonIn(said)}.`);
}

async function* cut(body: ReadableStream<Uint8Array>, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(new URL(url).origin, error);
  }
}

/** S3 says why in XML. */
function reasonIn(text: string): string {
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(text)?.[1];
  return code === undefined ? "" : ` (${code})`;
}
