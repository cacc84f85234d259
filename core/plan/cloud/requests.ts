import { CLOUD_PRICES } from "./prices.ts";

/** What AWS bills by the request. */
export interface Requests {
  /** Each begun KiB of an item that is written, twice in a transaction. */
  readonly tableWriteUnits: number;
  /** Each begun 4 KiB that are read consistently, twice in a transaction. */
  readonly tableReadUnits: number;
  /** Puts and lists, which cost the same. */
  readonly objectWrites: number;
  readonly objectReads: number;
  /** Sent, received, deleted; up to ten messages each. */
  readonly queueRequests: number;
}

export const REQUESTS = ["tableWriteUnits", "tableReadUnits", "objectWrites", "objectReads", "queueRequests"] as const;

/** So many times each of these, all together. */
export function totalRequests(parts: readonly (readonly [times: number, requests: Requests])[]): Requests {
  const sum = (what: keyof Requests): number => parts.reduce((total, [times, requests]) => total + times * requests[what], 0);
  return {
    tableWriteUnits: sum("tableWriteUnits"),
    tableReadUnits: sum("tableReadUnits"),
    objectWrites: sum("objectWrites"),
    objectReads: sum("objectReads"),
    queueRequests: sum("queueRequests"),
  };
}

export const tableUsd = ({ tableWriteUnits, tableReadUnits }: Requests): number =>
  tableWriteUnits * CLOUD_PRICES.tableWriteUnit + tableReadUnits * CLOUD_PRICES.tableReadUnit;

export const objectsUsd = ({ objectWrites, objectReads }: Requests): number =>
  objectWrites * CLOUD_PRICES.objectWrite + objectReads * CLOUD_PRICES.objectRead;

export const queuesUsd = ({ queueRequests }: Requests): number => queueRequests * CLOUD_PRICES.queueRequest;
