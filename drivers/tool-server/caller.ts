import { randomUUID } from "node:crypto";
import { SandboxError, SeracError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { checkAddress, type ToolAddress } from "./address.ts";
import { createExchange, type ExchangeAnswer, type ExchangeRequest } from "./exchange.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message } from "./message.ts";
import { CALLS_PATH, DONE_HEADER, INSTANCE_HEADER, MAX_WAIT_MS, resultHead, type RequestHead } from "./protocol.ts";

/** Calls of one server, each done once and answered once, over connections that may break at any time. */
export interface Caller {
  /**
   * The value and the bytes of the result. Throws SandboxError when the server refuses, fails, or cannot be reached for
   * `patienceMs`; the signal's reason when it is aborted, after what was begun has been ended.
   */
  call(head: RequestHead, options: CallOptions): Promise<{ readonly value: unknown; readonly body: Buffer }>;
  /** One plain request, without an id. Rejects when it brings no answer. */
  get(path: string): Promise<ExchangeAnswer>;
  close(): void;
}

interface CallOptions {
  readonly body?: Uint8Array;
  /** Longer than the server can need, whatever is asked. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal;
}

export interface CallerOptions {
  readonly clock: Clock;
  /** Without any answer, before the machine is given up. */
  readonly silenceMs: number;
}

const ANSWER_SLACK_MS = 15_000;
const ABORT_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export function createCaller(address: ToolAddress, { clock, silenceMs }: CallerOptions): Caller {
  const exchange = createExchange(checkAddress(address.url));
  let instance: string | null = null;
  let isRefused = false;
  /** Results that have arrived, which the next request tells. */
  let arrived: string[] = [];

  async function send(request: Pick<ExchangeRequest, "method" | "path" | "body" | "signal">, waitMs: number): Promise<ExchangeAnswer> {
    const headers = await address.headers(isRefused);
    isRefused = false;
    const told = arrived;
    const answer = await exchange.send({
      ...request,
      headers: { ...headers, authorization: `Bearer ${address.secret}`, ...(told.length > 0 && { [DONE_HEADER]: told.join(",") }) },
      silenceMs: waitMs + ANSWER_SLACK_MS,
      maxBytes: MAX_MESSAGE_BYTES,
    });
    if (typeof answer.headers[INSTANCE_HEADER] === "string") arrived = arrived.filter((id) => !told.includes(id));
    return answer;
  }

  /** Whether it is the server's, and not of something in front of it. */
  function checkOrigin(answer: ExchangeAnswer): boolean {
    const from = answer.headers[INSTANCE_HEADER];
    if (typeof from !== "string") {
      isRefused = answer.status === 401 || answer.status === 403;
      return false;
    }
    if (instance !== null && instance !== from) throw gone("it was started anew and has lost its workspace");
    instance = from;
    return true;
  }

  async function untilAnswered(id: string, message: Buffer, options: CallOptions): Promise<Buffer> {
    const path = `${CALLS_PATH}${id}?wait=${MAX_WAIT_MS}`;
    const startedAt = clock.now();
    let heardAt = startedAt;
    let failures = 0;
    let isThere = false;
    for (;;) {
      options.signal?.throwIfAborted();
      if (clock.now() - startedAt > options.patienceMs) throw gone("it did not come to an end in time");
      const answer: ExchangeAnswer | Error = await send(
        { method: isThere ? "GET" : "PUT", path, ...(!isThere && { body: message }), ...(options.signal && { signal: options.signal }) },
        MAX_WAIT_MS,
      ).catch((error: unknown): Error => {
        if (options.signal?.aborted === true || !isBroken(error)) throw error;
        return error;
      });
      const isOurs = !(answer instanceof Error) && checkOrigin(answer) && !isPassing(answer.status);
      if (isOurs) {
        heardAt = clock.now();
        failures = 0;
        if (answer.status === 200) return answer.body;
        if (answer.status !== 202 && !(isThere && answer.status === 404)) throw refused(answer);
        isThere = answer.status === 202;
        continue;
      }
      failures++;
      const why = answer instanceof Error ? answer.message : `status ${answer.status}`;
      const silentMs = clock.now() - heardAt;
      if (failures > 1 || silentMs > silenceMs / 2) {
        const reason = await address.whyGone();
        if (reason !== null) throw gone(reason);
      }
      if (silentMs > silenceMs) throw gone(`it could not be reached for ${Math.round(silenceMs / 1000)} s (${why})`);
      await clock.sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)), options.signal);
    }
  }

  return {
    async call(head, options) {
      const id = randomUUID();
      const message = encodeRequest(head, options.body);
      try {
        const result = readResult(await untilAnswered(id, message, options));
        arrived.push(id);
        return result;
      } catch (error) {
        if (options.signal?.aborted !== true) throw error;
        await send({ method: "DELETE", path: `${CALLS_PATH}${id}`, signal: AbortSignal.timeout(ABORT_MS) }, ABORT_MS).catch(() => null);
        arrived.push(id);
        throw options.signal.reason;
      }
    },
    get: (path) => send({ method: "GET", path }, 0),
    close: () => exchange.close(),
  };
}

/** What the machine in front answers while it or the server is not up, or has too much to do; ours say 503 and 429 for the latter, too. */
const isPassing = (status: number): boolean => status === 429 || status === 502 || status === 503 || status === 504;

/** A connection that failed, and not an error of ours or of the cloud's. */
const isBroken = (error: unknown): error is Error => error instanceof Error && !(error instanceof SeracError);

export function encodeRequest(head: RequestHead, body: Uint8Array | undefined): Buffer {
  try {
    return encodeMessage(head, body);
  } catch (cause) {
    throw new SandboxError("sandbox_failed", "What was to be sent into the sandbox is too large.", { cause });
  }
}

export function readResult(bytes: Buffer): { readonly value: unknown; readonly body: Buffer } {
  let message: Message;
  try {
    message = decodeMessage(bytes);
  } catch (cause) {
    throw new SandboxError("sandbox_failed", "The sandbox answered what is not of its protocol.", { cause });
  }
  const head = resultHead.safeParse(message.head);
  if (!head.success) throw new SandboxError("sandbox_failed", "The sandbox answered what is not of its protocol.", { cause: head.error });
  if (head.data.isDone) return { value: head.data.value, body: Buffer.from(message.body) };
  throw new SandboxError("sandbox_failed", head.data.message, head.data.hint === null ? {} : { hint: head.data.hint });
}

function gone(why: string): SandboxError {
  return new SandboxError("sandbox_failed", `The sandbox's machine is lost: ${why}.`, {
    hint: "The workspace of this rollout is lost; the run goes on.",
  });
}

function refused(answer: ExchangeAnswer): SandboxError {
  const said = answer.body.toString("utf8").slice(0, 500);
  return new SandboxError("sandbox_failed", `The sandbox refused a request (${answer.status}): ${said}`);
}
