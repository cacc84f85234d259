import type * as z from "zod";
import type { Clock } from "../../core/errors/clock.ts";
import { SeracError } from "../../core/errors/index.ts";
import { incompatible, refusalOf, unreachable, VERSION_HEADER, type Parties } from "./refusal.ts";

export interface Calling extends Parties {
  readonly apiKey: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

export interface Call<Schema extends z.ZodType> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: Schema;
  /** Sent again when the answer to it was lost. */
  readonly isRepeatable: boolean;
  readonly signal?: AbortSignal | undefined;
}

const ATTEMPTS = 5;
const BASE_MS = 500;
const MOST_MS = 10_000;
/** A function that is started first takes a few seconds; API Gateway gives up after 29. */
const TIMEOUT_MS = 35_000;
const AGAIN = new Set([429, 500, 502, 503, 504]);

/** One call, repeated with growing pauses where that is safe. Throws SeracError. */
export async function send<Schema extends z.ZodType>(calling: Calling, call: Call<Schema>): Promise<z.output<Schema>> {
  for (let attempt = 1; ; attempt += 1) {
    call.signal?.throwIfAborted();
    const outcome = await attemptOnce(calling, call);
    if ("answer" in outcome) return outcome.answer;
    if (!call.isRepeatable || outcome.retryAfterMs === null || attempt === ATTEMPTS) throw outcome.error;
    // Full jitter, as in core/agent/retry.ts.
    const bound = Math.min(MOST_MS, BASE_MS * 2 ** (attempt - 1));
    await calling.clock.sleep(Math.ceil(outcome.retryAfterMs + calling.random() * bound), call.signal);
  }
}

type Outcome<Answer> = { readonly answer: Answer } | { readonly error: SeracError; readonly retryAfterMs: number | null };

async function attemptOnce<Schema extends z.ZodType>(calling: Calling, call: Call<Schema>): Promise<Outcome<z.output<Schema>>> {
  let response: Response;
  try {
    response = await fetch(addressFor(calling, call), {
      method: call.method,
      headers: headersFor(calling, call),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      redirect: "manual",
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(call.signal === undefined ? [] : [call.signal])]),
    });
    if (!response.ok && response.status >= 400) {
      const error = await refusalOf(response, calling);
      return { error, retryAfterMs: AGAIN.has(response.status) ? waitAsked(response) : null };
    }
    return { answer: await answerIn(response, calling, call.answer) };
  } catch (error) {
    call.signal?.throwIfAborted();
    if (error instanceof SeracError) throw error;
    return { error: unreachable(calling.url, error), retryAfterMs: 0 };
  }
}

function addressFor({ url }: Calling, { path, query = {} }: Call<z.ZodType>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return `${url}${path}${parameters.size === 0 ? "" : `?${parameters.toString()}`}`;
}

const headersFor = ({ apiKey, version }: Calling, { body, headers = {} }: Call<z.ZodType>): Record<string, string> => ({
  authorization: `Bearer ${apiKey}`,
  accept: "application/json",
  "user-agent": `serac/${version}`,
  ...(body === undefined ? {} : { "content-type": "application/json" }),
  ...headers,
});

async function answerIn<Schema extends z.ZodType>(response: Response, parties: Parties, schema: Schema): Promise<z.output<Schema>> {
  const deployed = response.headers.get(VERSION_HEADER);
  if (deployed === null) throw incompatible(parties, "nothing there says that it is serac's control API");
  const text = await response.text();
  const read = schema.safeParse(text === "" ? undefined : jsonOf(text, parties));
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw incompatible(parties, `serac ${deployed} is deployed there, whose answer is another one (${path.join(".")}: ${message})`);
}

function jsonOf(text: string, parties: Parties): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw incompatible(parties, "its answer is not JSON");
  }
}

function waitAsked(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? "0");
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : 0;
}
