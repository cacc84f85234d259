import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ApiKeyRecord, ApiKeyStore, ApiScope } from "./platform.ts";

export const KEY_PREFIX = "sk-serac-";

export interface NewApiKey {
  /** Shown once and kept nowhere. */
  readonly key: string;
  readonly record: ApiKeyRecord;
}

/** A key of 256 random bits, and what is kept of it. `now`: milliseconds since the epoch. */
export function newApiKey(name: string, scopes: readonly ApiScope[], now: number): NewApiKey {
  const key = `${KEY_PREFIX}${randomBytes(32).toString("base64url")}`;
  const id = `key_${randomBytes(9).toString("base64url").replaceAll(/[-_]/g, "0")}`;
  return { key, record: { id, name, sha256: hashOf(key), scopes, createdAt: new Date(now).toISOString(), isRevoked: false } };
}

/** No salt and no slow hash: 256 random bits cannot be tried out. */
const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

/** The record of a presented key, revoked or not; null for an unknown one. Nothing is remembered, so that a revoked key is refused at once. */
export async function findApiKey(store: Pick<ApiKeyStore, "findKey">, key: string): Promise<ApiKeyRecord | null> {
  const presented = hashOf(key);
  const record = await store.findKey(presented);
  if (record === null) return null;
  // A store finds by the hash, of which the time of the search tells nothing that helps; what it found is compared in constant time.
  const stored = Buffer.from(record.sha256, "hex");
  const expected = Buffer.from(presented, "hex");
  return stored.length === expected.length && timingSafeEqual(stored, expected) ? record : null;
}
