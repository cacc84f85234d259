import { createHash } from "node:crypto";
import type { KeyRecord } from "../../core/gateway/keys.ts";

/** What is kept of a key without limits. */
export const keyRecord = (id: string, key: string, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  sha256: createHash("sha256").update(key).digest("hex"),
  isRevoked: false,
  requestsPerMinute: null,
  tokensPerMinute: null,
  capture: false,
  ...more,
});
