import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { DatabaseSync } from "node:sqlite";
import type { Held } from "./held.ts";

/**
 * A program of its own between serac and the trainer, which outlives serac: when its standard input ends, because serac asks for it or was
 * killed, the trainer gets a SIGTERM, and after `graceMs` all of it is ended; a SIGTERM to us ends all of it at once. Ends with the
 * trainer's exit code.
 */

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by held.ts of the same serac
const held = JSON.parse(process.argv[2] ?? "") as Held;

/** Source: https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

let stop = (): void => process.exit(128 + constants.signals.SIGTERM);
let endAll = stop;
process.stdin
  .resume()
  .once("close", () => stop())
  .on("error", () => {});
process.on("SIGTERM", () => endAll());

await locked(held.lockFile);
// A group of its own, so that all of it can be ended and we are there to tell.
const child = spawn(held.command, held.args, { stdio: ["ignore", "inherit", "inherit"], detached: true });

stop = () => {
  child.kill("SIGTERM");
  setTimeout(endAll, held.graceMs);
};
/** A trainer's own processes are in its group; a container is not, and has a command that ends it. */
endAll = () => {
  const [command, ...args] = held.kill;
  if (command !== undefined) spawnSync(command, args, { stdio: "ignore" });
  endGroup();
};

child.once("error", (error: NodeJS.ErrnoException) => {
  process.stderr.write(`${held.command} does not start: ${error.code ?? error.message}\n`);
  process.exit(127);
});
child.once("exit", (code, signal) => {
  // What it leaves behind would keep its output open.
  endGroup();
  process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
});

function endGroup(): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

/** A trainer whose serac was killed may still be writing its checkpoint: two at a time would spoil each other's. */
async function locked(file: string): Promise<void> {
  const database = new DatabaseSync(file, { timeout: 0 });
  for (let isTold = false; ; isTold = true) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return;
    } catch (error) {
      if (!(error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY)) throw error;
      if (!isTold) process.stderr.write("An earlier trainer of this model is still ending; waiting for it.\n");
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}
