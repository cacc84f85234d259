import { Agent, EnvHttpProxyAgent, fetch as undiciFetch } from "undici";
import { TeacherError } from "../../core/errors/index.ts";
import { errorOfReply } from "./http-error.ts";

export interface LineLimits {
  /** No byte for this long, before or during the reply, ends the call. */
  readonly silenceMs: number;
  /** A reply that trickles for longer than this ends as well. */
  readonly totalMs: number;
  /** Of a JSON reply. A streamed reply repeats its envelope for every token, and may be 16 times as long on the wire. */
  readonly maxReplyBytes: number;
}

export interface Line {
  /** Rejects with TeacherError for any answer that is not 2xx, and for silence; else as undici does. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

const STREAM_OVERHEAD = 16;
const ERROR_BODY_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 15_000;
/** Only these leave the machine: the client library would add its own telemetry and whatever OPENAI_* variables hold. */
const SENT_HEADERS = ["accept", "content-type", "idempotency-key"] as const;

/** The wire to one teacher: timeouts by silence, bounded replies, no redirects, no header that was not meant to be sent. */
export function createLine(url: string, key: string | undefined, limits: LineLimits): Line {
  // Node's own fetch gives up on headers after 300 s; a busy teacher may queue for longer than that.
  const options = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_TIMEOUT_MS } };
  const dispatcher = process.env["NODE_USE_ENV_PROXY"] === "1" ? new EnvHttpProxyAgent(options) : new Agent(options);

  const send: typeof fetch = async (input, init) => {
    const watch = watchLine(url, limits, init?.signal ?? undefined);
    try {
      const response = await undiciFetch(input instanceof Request ? input.url : input, {
        method: init?.method ?? "GET",
        headers: headersToSend(init?.headers, key),
        body: typeof init?.body === "string" ? init.body : null,
        redirect: "manual",
        signal: watch.signal,
        dispatcher,
      });
      watch.heard();
      const headers = new Headers([...response.headers]);
      const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
      const body = response.body === null ? null : listen(response.body as ReadableStream<Uint8Array>, watch);
      if (!response.ok) {
        throw errorOfReply({ status: response.status, headers, body: await readStart(body, ERROR_BODY_BYTES) }, url, key);
      }
      if (body === null) watch.done();
      const max = limits.maxReplyBytes * (isStream ? STREAM_OVERHEAD : 1);
      return new Response(body === null ? null : bounded(body, max, url), { status: response.status, headers });
    } catch (thrown) {
      watch.done();
      throw watch.signal.aborted ? watch.signal.reason : thrown;
    }
  };
  return { fetch: send, close: () => dispatcher.destroy() };
}

function headersToSend(given: RequestInit["headers"] | undefined, key: string | undefined): Record<string, string> {
  const headers = new Headers(given);
  const sent: Record<string, string> = { "user-agent": "serac" };
  for (const name of SENT_HEADERS) {
    const value = headers.get(name);
    if (value !== null) sent[name] = value;
  }
  if (key !== undefined && key !== "") sent["authorization"] = `Bearer ${key}`;
  return sent;
}

interface Watch {
  readonly signal: AbortSignal;
  heard(): void;
  done(): void;
}

function watchLine(url: string, limits: LineLimits, caller: AbortSignal | undefined): Watch {
  const controller = new AbortController();
  const startedAt = performance.now();
  let heardAt = startedAt;
  const onCallerAbort = (): void => controller.abort(caller?.reason);
  const check = (): void => {
    const now = performance.now();
    const left = Math.min(heardAt + limits.silenceMs, startedAt + limits.totalMs) - now;
    if (left > 0) {
      timer = setTimeout(check, left);
      return;
    }
    const why =
      now - startedAt >= limits.totalMs
        ? `was still talking after ${seconds(limits.totalMs)}`
        : `said nothing for ${seconds(limits.silenceMs)} (teacher.timeoutSeconds)`;
    controller.abort(new TeacherError("teacher_timeout", `The teacher at ${url} ${why}.`));
  };
  let timer = setTimeout(check, Math.min(limits.silenceMs, limits.totalMs));
  if (caller?.aborted === true) onCallerAbort();
  caller?.addEventListener("abort", onCallerAbort, { once: true });
  return {
    signal: controller.signal,
    heard() {
      heardAt = performance.now();
    },
    done() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onCallerAbort);
    },
  };
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

/** Passes chunks on and tells the watch of each; ends the watch with the stream. */
async function* listen(body: ReadableStream<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      watch.heard();
      yield chunk;
    }
  } catch (thrown) {
    throw watch.signal.aborted ? watch.signal.reason : thrown;
  } finally {
    watch.done();
  }
}

/** Stops at `max` bytes, or where the line breaks: the status says enough. */
async function readStart(body: AsyncGenerator<Uint8Array> | null, max: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= max) break;
    }
  } catch {
    // What came before the break is still the server's message.
  }
  return Buffer.concat(chunks).subarray(0, max).toString("utf8");
}

function bounded(body: AsyncGenerator<Uint8Array>, max: number, url: string): ReadableStream<Uint8Array> {
  let size = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await body.next();
        if (done === true) return controller.close();
        size += value.byteLength;
        if (size > max) {
          await body.return(undefined);
          throw tooLong(url, max);
        }
        controller.enqueue(value);
      },
      async cancel() {
        await body.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A reply beyond the limit: shared by the wire and by the reader of streamed replies. */
export function tooLong(url: string, max: number): TeacherError {
  return new TeacherError("teacher_bad_reply", `The reply of the teacher at ${url} is longer than ${Math.round(max / 1e6)} MB.`, {
    hint: "Set teacher.maxOutputTokens.",
  });
}
