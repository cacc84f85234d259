import { sizeOf } from "../../drivers/dynamodb/table/item-size.ts";
import type { Item } from "../../drivers/dynamodb/table/operations.ts";

const KIB = 1024;

export interface Busiest {
  readonly perSecond: number;
  readonly partition: string;
}

export interface TrafficFigures {
  readonly writes: number;
  readonly reads: number;
  /** Each item of a transaction counts twice, and every begun KiB once: what DynamoDB bills. */
  readonly writeUnits: number;
  readonly busiestByWrites: Busiest;
  readonly busiestByUnits: Busiest;
  /** Of the whole table, in its busiest second. */
  readonly tableUnitsPerSecond: number;
}

const NOTHING = { writes: 0, reads: 0, writeUnits: 0, tableUnitsPerSecond: 0 };
const NOBODY: Busiest = { perSecond: 0, partition: "" };

/** Counts what partitions are asked, by the second of simulated time. */
export interface Traffic {
  /** `item`: as it is afterwards, or as it stood where the write was refused. */
  wrote(partition: string, item: Item | null, isTransaction: boolean): void;
  readItems(count: number): void;
  /** Write units of the whole table so far. */
  unitsThisSecond(): number;
  /** Since the last time. */
  figures(): TrafficFigures;
}

export function createTraffic(nowMs: () => number): Traffic {
  let second = 0;
  let writesNow = new Map<string, number>();
  let unitsNow = new Map<string, number>();
  let tableNow = 0;
  let totals = { ...NOTHING };
  let byWrites = NOBODY;
  let byUnits = NOBODY;

  const busier = (busiest: Busiest, now: ReadonlyMap<string, number>): Busiest => {
    for (const [partition, perSecond] of now) if (perSecond > busiest.perSecond) busiest = { perSecond, partition };
    return busiest;
  };

  function closeSecond(): void {
    byWrites = busier(byWrites, writesNow);
    byUnits = busier(byUnits, unitsNow);
    totals.tableUnitsPerSecond = Math.max(totals.tableUnitsPerSecond, tableNow);
    writesNow = new Map();
    unitsNow = new Map();
    tableNow = 0;
  }

  /** Begins a new second when the old one is over. */
  function turn(): void {
    const now = Math.floor(nowMs() / 1000);
    if (now === second) return;
    closeSecond();
    second = now;
  }

  return {
    unitsThisSecond: () => {
      turn();
      return tableNow;
    },
    wrote: (partition, item, isTransaction) => {
      turn();
      const units = Math.max(1, Math.ceil(sizeOf(item ?? {}) / KIB)) * (isTransaction ? 2 : 1);
      writesNow.set(partition, (writesNow.get(partition) ?? 0) + 1);
      unitsNow.set(partition, (unitsNow.get(partition) ?? 0) + units);
      tableNow += units;
      totals.writes += 1;
      totals.writeUnits += units;
    },
    readItems: (count) => {
      totals.reads += count;
    },
    figures: () => {
      closeSecond();
      const figures = { ...totals, busiestByWrites: byWrites, busiestByUnits: byUnits };
      totals = { ...NOTHING };
      byWrites = NOBODY;
      byUnits = NOBODY;
      return figures;
    },
  };
}
