import { randomUUID } from "node:crypto";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import { SeracError } from "../../core/errors/index.ts";
import {
  ABORT_WAIT_MS,
  event,
  MAX_BYTES,
  PART_BYTES,
  SLICE_MS,
  WIRE_VERSION,
  type Asked,
  type SandboxAnswer,
  type Told,
} from "../../drivers/tenant-lambda/guest/wire.ts";
import { createCallTable, type CallState } from "../../drivers/tool-server/call-table.ts";
import { decodeMessage, encodeMessage } from "../../drivers/tool-server/message.ts";
import { createOperations, type Operations } from "../../drivers/tool-server/operations.ts";
import { unpackRepository } from "../../drivers/tool-server/index.ts";
import type { ResultHead } from "../../drivers/tool-server/protocol.ts";
import type { BaseFile } from "./base-file.ts";

const TABLE = { maxRunning: 4, maxKept: 8, maxKeptBytes: 300_000_000, maxCalls: 200_000 };
/** While the base is made, only git of ours runs. */
const BASE_LIMITS = { memoryMb: 10_240, processes: 512, diskMb: 10_240, fileMb: 4_096 };
const BASE_MS = 600_000;

/** The one workspace of this environment: answers events by the rules of wire.ts. Never rejects. */
export type Desk = (asked: unknown) => Promise<SandboxAnswer>;

export function openDesk(provider: SandboxProvider, base: BaseFile): Desk {
  const instance = randomUUID();
  const calls = createCallTable(TABLE);
  /** Requests whose parts are still arriving. */
  const arriving = new Map<string, Buffer[]>();

  let opened: Promise<Operations> | null = null;

  /** The base is made for the first request, and its failure is that of every request. */
  const operations = (): Promise<Operations> => (opened ??= make());

  async function make(): Promise<Operations> {
    const request = {
      source: unpackRepository(() => base.read()),
      directory: "base",
      install: [],
      timeoutMs: BASE_MS,
      limits: BASE_LIMITS,
    };
    const snapshot = await provider.prepare(request);
    await base.remove();
    return createOperations(provider, snapshot);
  }

  async function work(message: Buffer, signal: AbortSignal): Promise<Buffer> {
    try {
      return await (await operations()).read(decodeMessage(message))(signal);
    } catch (error) {
      const hint = error instanceof SeracError ? (error.hint ?? null) : null;
      return encodeMessage({ isDone: false, why: "sandbox", message: messageOf(error).slice(0, 10_000), hint } satisfies ResultHead);
    }
  }

  async function start({ id, at, total, data }: Extract<Asked, { do: "start" }>): Promise<Told> {
    const parts = arriving.get(id) ?? [];
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const part = Buffer.from(data, "base64");
    if (at > length || at + part.length > Math.min(total, MAX_BYTES)) return refused("a part of the request does not follow the others");
    if (at === length) arriving.set(id, [...parts, part]);
    if (at + part.length < total) return { is: "stored" };
    const message = Buffer.concat(arriving.get(id)!);
    arriving.delete(id);
    const outcome = calls.start(id, message, (signal) => work(message, signal));
    if (outcome === "full") return refused("too much is asked for at once");
    return outcome === "other" ? refused("the id belongs to another request") : tell(await calls.look(id, SLICE_MS));
  }

  async function take({ id, at }: Extract<Asked, { do: "take" }>): Promise<Told> {
    const state = await calls.look(id, 0);
    return state.is === "finished" ? { is: "part", data: partOf(state.result, at) } : refused("there is no such result");
  }

  async function serve(ask: Asked): Promise<Told> {
    switch (ask.do) {
      case "load":
        await base.add(ask.at, Buffer.from(ask.data, "base64"));
        return { is: "stored" };
      case "start":
        return start(ask);
      case "look":
        return tell(await calls.look(ask.id, SLICE_MS));
      case "take":
        return take(ask);
      case "abort":
        await calls.abort(ask.id, ABORT_WAIT_MS);
        return { is: "stored" };
      default:
        calls.close();
        await base.remove();
        await provider.close();
        return { is: "stored" };
    }
  }

  return async (asked) => {
    const told = await (async (): Promise<Told> => {
      const read = event.safeParse(asked);
      if (!read.success) return refused(`the event is none of this version's: ${read.error.issues[0]?.message ?? ""}`);
      if (read.data.instance !== null && read.data.instance !== instance) return { is: "stranger" };
      calls.forget(read.data.done);
      return serve(read.data.ask).catch((error: unknown) => refused(messageOf(error)));
    })();
    return { v: WIRE_VERSION, instance, tell: told };
  };
}

function tell(state: CallState): Told {
  if (state.is === "running") return { is: "running" };
  if (state.is !== "finished") return refused("there is no such request, or its result is not kept any more");
  return { is: "finished", total: state.result.length, data: partOf(state.result, 0) };
}

const partOf = (bytes: Buffer, at: number): string => bytes.subarray(at, at + PART_BYTES).toString("base64");
const refused = (why: string): Told => ({ is: "refused", why });
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
