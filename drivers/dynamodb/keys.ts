import { TABLE } from "../../core/config/cloud/names.ts";
import { placeOfSample, sampleIdOf } from "../../core/plan/sample-id.ts";
import type { Condition, Key } from "./table/operations.ts";

/**
 * Where everything lies. What many workers write at once has a partition of its own, or one of few neighbours: a partition takes 1,000
 * writes a second. docs/adr/0015-one-table.md
 */

/** Samples of a partition: few enough that the workers of a run, who are at neighbouring samples, spread over many. */
export const BUCKET = 100;
/** Items over which the counters of a run are spread. Never changed: those of a run that is under way would be lost. */
export const COUNT_SHARDS = 16;
/** With the pool they are read and written in one transaction, which emulators give 25 places (DynamoDB: 100). */
export const SPEND_SHARDS = 24;

export const runKey = (runId: string): Key => ({ partition: `run#${runId}`, sort: "run" });
export const budgetKey = (runId: string): Key => ({ partition: `run#${runId}`, sort: "budget" });
export const extentKey = (runId: string): Key => ({ partition: `run#${runId}`, sort: "extent" });
export const windowKey = (runId: string): Key => ({ partition: `run#${runId}`, sort: "window" });
export const countKey = (runId: string, shard: number): Key => ({ partition: `run#${runId}#counts#${shard}`, sort: "counts" });
export const spendKey = (runId: string, shard: number): Key => ({ partition: `run#${runId}#spend#${shard}`, sort: "spend" });
export const callKey = (runId: string, callId: string): Key => ({ partition: `run#${runId}#call#${callId}`, sort: "call" });
export const patchKey = (runId: string, hash: string): Key => ({ partition: `run#${runId}#patch#${hash}`, sort: "patch" });
export const modelKey = (modelId: string): Key => ({ partition: `model#${modelId}`, sort: "model" });
export const dropKey = (name: string, version: string): Key => ({ partition: `drop#${name}`, sort: `version#${version}` });
export const apiKeyKey = (sha256: string): Key => ({ partition: `api-key#${sha256}`, sort: "key" });
export const apiKeyIdKey = (id: string): Key => ({ partition: `api-key-id#${id}`, sort: "key" });
export const gatewayKeyKey = (sha256: string): Key => ({ partition: `gateway-key#${sha256}`, sort: "key" });
export const gatewayUseKey = (keyId: string, minute: number): Key => ({ partition: `gateway-use#${keyId}`, sort: String(minute) });

export const bucketOf = (index: number): number => Math.floor(index / BUCKET);
export const bucketPartition = (runId: string, bucket: number): string => `run#${runId}#samples#${bucket}`;
/** Sorts as the numbers do. */
export const positionOf = (index: number): string => String(index).padStart(9, "0");
export const sampleKeyAt = (runId: string, index: number): Key => ({
  partition: bucketPartition(runId, bucketOf(index)),
  sort: positionOf(index),
});

/** Null for what is no sample's id. */
export function sampleKey(sampleId: string): (Key & { readonly runId: string }) | null {
  const place = placeOfSample(sampleId);
  if (place === null || place.index < 0 || sampleIdOf(place.runId, place.index) !== sampleId) return null;
  return { ...sampleKeyAt(place.runId, place.index), runId: place.runId };
}

export const LISTS = { runs: "runs", models: "models", apiKeys: "api-keys" } as const;
/** Where an item stands in a list; lists are read from the newest on. */
export const listed = (list: string, at: string, id: string) => ({
  [TABLE.index.partitionKey]: list,
  [TABLE.index.sortKey]: placeInList(at, id),
});
export const placeInList = (at: string, id: string): string => `${at}#${id}`;

export const isNew: Condition = { absent: TABLE.partitionKey };
export const isThere: Condition = { present: TABLE.partitionKey };

/** One of `count` shards, another at each attempt. FNV-1a. */
export function shardOf(id: string, attempt: number, count: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ attempt, 0x01000193);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 0x2c1b3c6d) >>> 0) % count;
}
