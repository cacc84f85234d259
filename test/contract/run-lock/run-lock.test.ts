import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { acquireRunLock, isRunLocked } from "../../../drivers/run-lock/index.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = temporaryFolder();
  file = join(folder, "locks/run.lock");
});
afterEach(() => removeFolder(folder));

test("one holder at a time; looking makes nothing", () => {
  expect(isRunLocked(file)).toBe(false);
  expect(existsSync(file)).toBe(false);
  const lock = acquireRunLock(file);
  expect(lock).not.toBeNull();
  expect(acquireRunLock(file)).toBeNull();
  expect(isRunLocked(file)).toBe(true);
  lock?.release();
  expect(isRunLocked(file)).toBe(false);
  const next = acquireRunLock(file);
  expect(next).not.toBeNull();
  next?.release();
});

test("a process that is killed leaves no lock behind", async () => {
  const driver = new URL("../../../drivers/run-lock/index.ts", import.meta.url).href;
  const script = `import { acquireRunLock } from ${JSON.stringify(driver)};
globalThis.lock = acquireRunLock(${JSON.stringify(file)});
console.log(globalThis.lock === null ? "refused" : "held");
setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [said]: unknown[] = await once(holder.stdout, "data");
  expect(String(said)).toBe("held\n");
  expect(acquireRunLock(file)).toBeNull();
  expect(isRunLocked(file)).toBe(true);
  holder.kill("SIGKILL");
  await once(holder, "close");
  expect(isRunLocked(file)).toBe(false);
  const lock = acquireRunLock(file);
  expect(lock).not.toBeNull();
  lock?.release();
});
