import type { Clock } from "../../core/errors/clock.ts";
import type { Condition, Item } from "./table/operations.ts";
import type { PatientTable } from "./table/patient-table.ts";

/** What every part of the store works with. */
export interface Context {
  readonly table: PatientTable;
  readonly clock: Clock;
  /** A text that was never used before: it marks one write of an item. */
  readonly newStamp: () => string;
}

/**
 * An item that is read, changed and written back carries the stamp of its last write. The condition that it is still the same makes the
 * write safe, and a write that is refused although its own stamp stands there was done by an earlier try whose answer was lost.
 */
export const unchangedSince = (item: Item | null): Condition =>
  item === null ? { absent: "stamp" } : { equal: ["stamp", String(item["stamp"])] };

export const isStampedBy = (item: Item | null | undefined, stamp: string): boolean => item?.["stamp"] === stamp;

export const isoNow = (clock: Clock): string => new Date(clock.now()).toISOString();

const DAY_SECONDS = 86_400;
/** For the attribute `ttl`. */
export const inDays = (clock: Clock, days: number): number => Math.floor(clock.now() / 1000) + days * DAY_SECONDS;
