import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isProcessAlive, ownerOfTag, processTag } from "./process-tag.ts";

const PREFIX = "serac-sandbox-";

/** A private folder for short-lived files; those of a serac that was killed are removed on the way. */
export function makeScratch(): string {
  const root = tmpdir();
  for (const name of readdirSync(root)) {
    const owner = name.startsWith(PREFIX) ? ownerOfTag(name.slice(PREFIX.length)) : null;
    if (owner && !isProcessAlive(owner)) {
      try {
        rmSync(path.join(root, name), { recursive: true, force: true });
      } catch {
        // Another user's: theirs to remove.
      }
    }
  }
  return mkdtempSync(path.join(root, `${PREFIX}${processTag()}-`));
}
