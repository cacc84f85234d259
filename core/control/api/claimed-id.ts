import { createHash } from "node:crypto";
import type { ApiKeyRecord, ControlPlatform } from "../platform.ts";

/** One id for all requests with the same Idempotency-Key of the same client, whichever comes first. Null: an id for each request. */
export async function claimedId(
  { drops }: ControlPlatform,
  { id }: ApiKeyRecord,
  kind: "run" | "model",
  idempotencyKey: string | null,
  fresh: string,
): Promise<string> {
  if (idempotencyKey === null) return fresh;
  const parts = [id, idempotencyKey, ...(kind === "run" ? [] : [kind])];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  // The names of drops are those of folders: none has a slash.
  return drops.claimDrop(`api/${hash}`, "1", fresh);
}
