import { randomUUID } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ApiKeyStore, DropStore } from "../../core/control/platform.ts";
import { type Clock, systemClock } from "../../core/errors/clock.ts";
import type { Limiter } from "../../core/gateway/limits.ts";
import type { RunStore } from "../../core/svg/store.ts";
import type { ModelStore } from "../../core/training/model.ts";
import { type StoredKeyRing, keyRingIn } from "./key-ring.ts";
import { limiterIn } from "./limiter.ts";
import { type Store, storeIn } from "./store.ts";
import { patientTable, type PatientTable } from "./table/patient-table.ts";
import { sdkTable } from "./table/sdk-table.ts";

export type { StoredKeyRing } from "./key-ring.ts";

/** The table of a deployment: keys and attributes are those of core/config/cloud/names.ts. */
export interface DynamoTable {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Runs, samples, leases, spend and models in one table. Throws, beside what the ports say, SeracError `cloud_throttled`, `cloud_denied`,
 * `cloud_failed` and `record_too_large`.
 */
export function createDynamoStore({
  client,
  tableName,
  clock,
}: DynamoTable & { readonly clock: Clock }): RunStore & ModelStore & DropStore & ApiKeyStore {
  const store: Store = storeIn({ table: tableOf({ client, tableName }), clock, newStamp: randomUUID });
  return store;
}

/** Keys of the gateway. */
export const createDynamoKeyRing = (table: DynamoTable): StoredKeyRing => keyRingIn(tableOf(table));

export const createDynamoLimiter = ({ clock, ...table }: DynamoTable & { readonly clock: Clock }): Limiter =>
  limiterIn(tableOf(table), clock);

/** Waits are real ones, whatever time the leases go by. */
const tableOf = ({ client, tableName }: DynamoTable): PatientTable =>
  patientTable(sdkTable(client, tableName), { clock: systemClock, random: Math.random, tableName });
