import { InputError } from "../../core/errors/index.ts";
import type { Connection } from "./connection.ts";
import { APPLICATION_ID } from "./schema.ts";
import type { Migration } from "./schema.ts";

/**
 * Brings the database to the newest version in one transaction. Throws InputError("home_newer") for one that a later serac
 * wrote and InputError("home_unusable") for one that is not serac's; both are left as they are.
 */
export function migrate(connection: Connection, path: string, migrations: readonly Migration[]): void {
  const known = migrations.length;
  const version = numberOf(connection, "user_version");
  if (version === known && numberOf(connection, "application_id") === APPLICATION_ID) return;
  connection.transaction(() => {
    // Read again: another process may have migrated while this one waited.
    const current = numberOf(connection, "user_version");
    if (current > known) {
      throw new InputError("home_newer", `${path} has version ${current}; this serac knows versions up to ${known}`, {
        hint: "Update serac, or choose another home with --home.",
      });
    }
    const isEmpty = connection.db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"] === 0;
    if (numberOf(connection, "application_id") !== APPLICATION_ID && !isEmpty) {
      throw new InputError("home_unusable", `${path} holds a database that is not serac's`, { hint: "Choose another home with --home." });
    }
    for (const step of migrations.slice(current)) step(connection.db);
    connection.db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${known}`);
  });
}

function numberOf(connection: Connection, pragma: "user_version" | "application_id"): number {
  return connection.run(() => Number(connection.db.prepare(`PRAGMA ${pragma}`).get()?.[pragma]));
}
