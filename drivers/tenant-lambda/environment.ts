import { randomUUID } from "node:crypto";
import { SandboxError } from "../../core/errors/index.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { inParts } from "./in-parts.ts";
import { MAX_BYTES, PART_BYTES, WIRE_VERSION, type Asked, type Told } from "./guest/wire.ts";
import type { Invoker } from "./invoke.ts";
import { LostError } from "./lost.ts";

/**
 * The one environment of one tenant. Events go to it one after the other: while one is under way, the service would give a second one to a second
 * environment of the same tenant.
 */
export interface Environment {
  /** Sends the packed repository. */
  load(base: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void>;
  /**
   * A request of the tool server's protocol, done once, and its result. LostError when the environment is not the one that it was; the signal's
   * reason when it is aborted, after what was begun has ended.
   */
  exchange(request: Buffer, options: { readonly patienceMs: number; readonly signal?: AbortSignal }): Promise<Buffer>;
  /** Removes what is there, if anything; no failure of it is worth anything. */
  close(): Promise<void>;
}

export interface EnvironmentOptions {
  readonly invoker: Invoker;
  readonly tenant: string;
  readonly clock: Clock;
  /** For AWS's own trouble, until the environment has answered once. */
  readonly startMs: number;
}

/** For AWS's own trouble in the middle of a rollout, of which a reply may have been paid for. */
const PATIENCE_MS = 180_000;
const CLOSE_MS = 5_000;

export function createEnvironment({ invoker, tenant, clock, startMs }: EnvironmentOptions): Environment {
  let instance: string | null = null;
  let arrived: string[] = [];

  async function ask(asked: Asked, patienceMs = instance === null ? startMs : PATIENCE_MS): Promise<Told> {
    const done = arrived.slice(0, 100);
    const { instance: from, tell } = await invoker.invoke(tenant, { v: WIRE_VERSION, instance, done, ask: asked }, patienceMs);
    if (tell.is === "stranger") throw new LostError("AWS made a new one in its place");
    if (tell.is === "refused") throw new SandboxError("sandbox_failed", `The sandbox refused a request: ${tell.why.slice(0, 500)}.`);
    if (instance !== null && instance !== from) throw new LostError("another one answers");
    instance = from;
    arrived = arrived.filter((id) => !done.includes(id));
    return tell;
  }

  async function start(id: string, request: Buffer): Promise<Told> {
    for (let at = 0; ; at += PART_BYTES) {
      const part = request.subarray(at, at + PART_BYTES);
      const tell = await ask({ do: "start", id, at, total: request.length, data: part.toString("base64") });
      if (at + part.length === request.length) return tell;
    }
  }

  async function collect(id: string, { total, data }: Extract<Told, { is: "finished" }>): Promise<Buffer> {
    const parts = [Buffer.from(data, "base64")];
    let length = parts[0]!.length;
    while (length < total) {
      const tell = await ask({ do: "take", id, at: length });
      const part = tell.is === "part" ? Buffer.from(tell.data, "base64") : Buffer.alloc(0);
      if (part.length === 0) throw new SandboxError("sandbox_failed", "The sandbox gave a part of a result that has no bytes.");
      parts.push(part);
      length += part.length;
    }
    arrived.push(id);
    return Buffer.concat(parts, length);
  }

  async function untilFinished(id: string, request: Buffer, patienceMs: number, signal: AbortSignal | undefined): Promise<Buffer> {
    const startedAt = clock.now();
    let tell = await start(id, request);
    for (;;) {
      if (tell.is === "finished") return collect(id, tell);
      signal?.throwIfAborted();
      if (clock.now() - startedAt > patienceMs) throw new LostError("it did not come to an end in time");
      tell = await ask({ do: "look", id });
    }
  }

  return {
    async load(base, signal) {
      let at = 0;
      for await (const part of inParts(base, PART_BYTES)) {
        signal?.throwIfAborted();
        await ask({ do: "load", at, data: part.toString("base64") });
        at += part.length;
      }
    },

    async exchange(request, { patienceMs, signal }) {
      if (request.length > MAX_BYTES) throw new SandboxError("sandbox_failed", "What was to be sent into the sandbox is too large.");
      signal?.throwIfAborted();
      const id = randomUUID();
      try {
        return await untilFinished(id, request, patienceMs, signal);
      } catch (error) {
        if (signal?.aborted !== true) throw error;
        // An environment that is lost has ended it.
        await ask({ do: "abort", id }).catch(() => null);
        arrived.push(id);
        throw signal.reason;
      }
    },

    async close() {
      if (instance !== null) await ask({ do: "close" }, CLOSE_MS).catch(() => null);
    },
  };
}
