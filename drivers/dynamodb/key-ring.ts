import { hashOf } from "../../core/gateway/key-ring.ts";
import type { KeyRecord, KeyRing } from "../../core/gateway/keys.ts";
import { gatewayKeyKey } from "./keys.ts";
import type { Item, Value } from "./table/operations.ts";
import type { PatientTable } from "./table/patient-table.ts";

export interface StoredKeyRing extends KeyRing {
  /** Adds the key, or changes what it may do. */
  put(record: KeyRecord): Promise<void>;
}

/** A key is looked up by its hash, of which nobody can guess a part: what the time says of it says nothing of a key. */
export function keyRingIn(table: PatientTable): StoredKeyRing {
  return {
    find: async (key) => recordOf(await table.get(gatewayKeyKey(hashOf(key)))),
    put: async ({ id, sha256, isRevoked, requestsPerMinute, tokensPerMinute, capture }) => {
      const limits = { requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute };
      const given = Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== null);
      await table.write({
        key: gatewayKeyKey(sha256.toLowerCase()),
        set: { id, sha256, is_revoked: isRevoked, capture, ...Object.fromEntries(given) },
        remove: Object.entries(limits).flatMap(([name, value]) => (value === null ? [name] : [])),
      });
    },
  };
}

function recordOf(item: Item | null): KeyRecord | null {
  if (item === null) return null;
  return {
    id: String(item["id"]),
    sha256: String(item["sha256"]),
    // A record that says nothing of it is broken, and opens nothing.
    isRevoked: item["is_revoked"] !== false,
    requestsPerMinute: limit(item["requests_per_minute"]),
    tokensPerMinute: limit(item["tokens_per_minute"]),
    capture: item["capture"] === true,
  };
}

const limit = (value: Value | undefined): number | null => (typeof value === "number" ? value : null);
