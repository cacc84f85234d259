import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import { InputError } from "../../core/errors/index.ts";
import { connect } from "./connection.ts";
import type { Home } from "./home.ts";
import { journalIn } from "./journal.ts";
import { leasesIn } from "./leases.ts";
import { migrate } from "./migrate.ts";
import { modelsIn } from "./models.ts";
import { runsIn } from "./runs.ts";
import { samplesIn } from "./samples.ts";
import { MIGRATIONS } from "./schema.ts";
import { spendIn } from "./spend.ts";
import { taskQueueIn } from "./task-queue.ts";
import { windowsIn } from "./windows.ts";

export type { Home } from "./home.ts";

export const DATABASE_FILE = "serac.db";

/**
 * Opens the home, making or migrating it first. Throws InputError: `home_newer`, `home_unusable` (not a folder, not writable, not a
 * database), `home_in_use` or `disk_full`.
 */
export function openHome(path: string, clock: Clock = systemClock): Home {
  makeFolder(path);
  const file = join(path, DATABASE_FILE);
  const state = connect(file, { durable: false });
  try {
    migrate(state, path, MIGRATIONS);
    // Replies that were paid for are worth a flush; everything else follows from them after a power cut.
    const durable = connect(file, { durable: true });
    const journal = journalIn(durable);
    const { revokeLeases, ...leases } = leasesIn(state, clock);
    return {
      path,
      store: { ...runsIn(state, clock), ...samplesIn(state, clock), ...leases, ...windowsIn(state), ...spendIn(state) },
      models: modelsIn(state, clock),
      revokeLeases,
      queue: taskQueueIn(state, clock),
      journal,
      close: () => {
        journal.flush();
        durable.close();
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}

/** Private to the user, and invisible to the git repository around it. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(join(path, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && error instanceof Error && "syscall" in error && error.syscall === "open") return;
    if (code === "ENOSPC") throw new InputError("disk_full", `no space left for the home ${path}`, { cause: error });
    throw new InputError("home_unusable", `${path} cannot be a home: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
      hint: "Choose a folder that may be written to with --home or SERAC_HOME.",
    });
  }
}
