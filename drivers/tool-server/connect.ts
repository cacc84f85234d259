import type { OpenOptions } from "../../core/agent/sandbox.ts";
import { SandboxError, SeracError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import type { ToolAddress } from "./address.ts";
import { createCaller, type Caller } from "./caller.ts";
import { health, HEALTH_PATH, PROTOCOL_VERSION } from "./protocol.ts";
import { openRemoteSandbox, type OpenedSandbox } from "./remote-sandbox.ts";

export interface ConnectOptions {
  readonly clock: Clock;
  /** Until the server answers for the first time. */
  readonly startMs: number;
  /** Without any answer, before an open workspace is given up. */
  readonly silenceMs: number;
  readonly open: OpenOptions;
  /** Ends the machine; called once, by the sandbox's `close`. Not when connecting fails. */
  readonly close: () => Promise<void>;
}

const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000;

/** Waits until the server is up, then opens its workspace. Throws SandboxError, or the signal's reason. */
export async function connectToolServer(address: ToolAddress, options: ConnectOptions): Promise<OpenedSandbox> {
  const caller = createCaller(address, options);
  try {
    await untilReady(caller, address, options);
    return await openRemoteSandbox(caller, options.open, async () => {
      caller.close();
      await options.close();
    });
  } catch (error) {
    caller.close();
    throw error;
  }
}

async function untilReady(caller: Caller, address: ToolAddress, { clock, startMs, open: { signal } }: ConnectOptions): Promise<void> {
  const startedAt = clock.now();
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const why = await lookAtHealth(caller);
    if (why === null) return;
    const gone = attempt > 1 ? await address.whyGone() : null;
    if (gone !== null) throw new SandboxError("sandbox_failed", `The sandbox's machine ended while it started: ${gone}.`);
    if (clock.now() - startedAt > startMs) {
      throw new SandboxError("sandbox_failed", `The sandbox's machine did not answer within ${Math.round(startMs / 1000)} s (${why}).`);
    }
    await clock.sleep(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 1.5 ** attempt), signal);
  }
}

/** Null when the server is up, else what it lacks. */
async function lookAtHealth(caller: Caller): Promise<string | null> {
  let status: number;
  let body: unknown;
  try {
    const answer = await caller.get(HEALTH_PATH);
    status = answer.status;
    if (status !== 200) return `status ${status}`;
    body = JSON.parse(answer.body.toString("utf8"));
  } catch (error) {
    if (error instanceof SeracError) throw error;
    return error instanceof Error ? error.message : String(error);
  }
  const read = health.safeParse(body);
  if (!read.success) return "something else answers";
  if (read.data.protocol !== PROTOCOL_VERSION) {
    throw new SandboxError(
      "sandbox_failed",
      `The sandbox's image speaks version ${read.data.protocol} of the protocol, serac ${PROTOCOL_VERSION}.`,
      {
        hint: "It was built by another version of serac: start a new run.",
      },
    );
  }
  return read.data.isReady ? null : (read.data.reason ?? "it is not ready");
}
