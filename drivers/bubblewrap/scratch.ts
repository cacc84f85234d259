import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { isProcessAlive, ownerOfTag, processTag } from "./process-tag.ts";

const PREFIX = "serac-sandbox-";
/** In the environment of bwrap itself, never inside: whose machine it is. */
export const OWNER_VARIABLE = "SERAC_SANDBOX_OWNER";

/** A private folder for short-lived files. What a serac that was killed left is removed on the way: folders, processes. */
export function makeScratch(): string {
  const root = tmpdir();
  for (const name of readdirSync(root)) {
    if (name.startsWith(PREFIX) && isStale(name.slice(PREFIX.length)))
      quietly(() => rmSync(path.join(root, name), { recursive: true, force: true }));
  }
  endStaleProcesses();
  return mkdtempSync(path.join(root, `${PREFIX}${processTag()}-`));
}

/** bwrap can be cut off from its parent's death while it starts (see machine.ts). */
function endStaleProcesses(): void {
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    quietly(() => {
      if (readFileSync(`/proc/${name}/comm`, "utf8") !== "bwrap\n") return;
      const variables = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      const tag = variables.find((variable) => variable.startsWith(`${OWNER_VARIABLE}=`))?.slice(OWNER_VARIABLE.length + 1);
      if (tag && isStale(tag)) process.kill(Number(name), "SIGKILL");
    });
  }
}

function isStale(tag: string): boolean {
  const owner = ownerOfTag(tag);
  return owner !== null && !isProcessAlive(owner);
}

/** Another user's things are theirs to remove, and processes end while one looks. */
function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Left as it is.
  }
}
