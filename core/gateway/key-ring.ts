import { createHash, timingSafeEqual } from "node:crypto";
import { InputError } from "../errors/index.ts";
import type { KeyRecord, KeyRing } from "./keys.ts";

/** Compares the hash of a presented key with every record's, so that the time it takes says nothing about the keys. */
export function createKeyRing(records: readonly KeyRecord[]): KeyRing {
  const entries = records.map((record) => ({ record, hash: hashOf(record) }));
  return {
    find: (key) => {
      const presented = createHash("sha256").update(key).digest();
      let found: KeyRecord | null = null;
      for (const { record, hash } of entries) if (timingSafeEqual(hash, presented)) found = record;
      return Promise.resolve(found);
    },
  };
}

function hashOf({ id, sha256 }: KeyRecord): Buffer {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return Buffer.from(sha256, "hex");
  throw new InputError("config_invalid", `Key ${JSON.stringify(id)}: sha256 must be 64 hexadecimal digits.`, {
    hint: "It is the SHA-256 of the key, not the key itself.",
  });
}
