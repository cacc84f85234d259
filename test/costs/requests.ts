import type { Requests } from "../../core/plan/cloud/requests.ts";

/** Counts what AWS bills by the request. */
export interface Meter {
  add(what: keyof Requests, units: number): void;
  /** Since the last time. */
  take(): Requests;
}

const NONE: Requests = { tableWriteUnits: 0, tableReadUnits: 0, objectWrites: 0, objectReads: 0, queueRequests: 0 };

export function newMeter(): Meter {
  let sums: Record<keyof Requests, number> = { ...NONE };
  return {
    add: (what, units) => {
      sums[what] += units;
    },
    take: () => {
      const taken = sums;
      sums = { ...NONE };
      return taken;
    },
  };
}
