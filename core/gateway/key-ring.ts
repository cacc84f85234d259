import { createHash, timingSafeEqual } from "node:crypto";
import { InputError } from "../errors/index.ts";
import type { KeyRecord, KeyRing } from "./keys.ts";

/** Compares the hash of a presented key with every record's, so that the time it takes says nothing about the keys. */
export function createKeyRing(records: readonly KeyRecord[]): KeyRing {
  const entries = records.map((record) => ({ record, hash: storedHash(record) }));
  return {
    find: (key) => {
      const presented = Buffer.from(hashOf(key), "hex");
      let found: KeyRecord | null = null;
      for (const { record, hash } of entries) if (timingSafeEqual(hash, presented)) found = record;
      return Promise.resolve(found);
    },
  };
}

/** What a record holds of a key: SHA-256, hex. */
export const hashOf = (key: string): string => createHash("sha256").update(key).digest("hex");

function storedHash({ id, sha256 }: KeyRecord): Buffer {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return Buffer.from(sha256, "hex");
  throw new InputError("config_invalid", `Key ${JSON.stringify(id)}: sha256 must be 64 hexadecimal digits.`, {
    hint: "It is the SHA-256 of the key, not the key itself.",
  });
}
