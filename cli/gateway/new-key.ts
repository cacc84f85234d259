import { randomBytes } from "node:crypto";
import { hashOf } from "../../core/gateway/key-ring.ts";

/** 256 bits that nobody guesses, in characters that every header and shell takes. */
export const freshKey = (): string => `serac-${randomBytes(32).toString("base64url")}`;

/** The key, shown once, and the line that goes into the file of keys. */
export function newKeyText(id: string): string {
  const key = freshKey();
  return `${key}\n\nThe key is shown this once. The line for the file that --keys names (YAML; the key itself is not in it):\n\n- { id: ${JSON.stringify(id)}, sha256: "${hashOf(key)}" }\n`;
}
