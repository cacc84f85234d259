import { TABLE } from "../../../core/config/cloud/names.ts";
import { type Context, inDays, unchangedSince } from "../context.ts";
import { callKey } from "../keys.ts";
import type { Item, Write } from "../table/operations.ts";

/** A call whose fate is known; it is asked for again only by a worker that was away for as long. */
const KEPT_DAYS = 90;

export type CallState = "reserved" | "settled" | "released";

export interface Call {
  readonly state: CallState;
  readonly amount: number;
  /** 1: it was begun more than once without an answer. */
  readonly uncertain: number;
}

export function callOf(item: Item | null): Call | null {
  if (item === null) return null;
  const state = item["state"];
  if (state !== "reserved" && state !== "settled" && state !== "released") return null;
  return { state, amount: Number(item["amount"]), uncertain: Number(item["uncertain"]) };
}

/** Only if the call is as it was read. */
export function callWrite(
  { clock }: Pick<Context, "clock">,
  runId: string,
  callId: string,
  before: Item | null,
  after: Call,
  stamp: string,
): Write {
  return {
    key: callKey(runId, callId),
    when: [unchangedSince(before)],
    set: { ...after, stamp, [TABLE.timeToLive]: inDays(clock, KEPT_DAYS) },
  };
}
