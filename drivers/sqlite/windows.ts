import type { RunStore } from "../../core/svg/store.ts";
import type { Connection } from "./connection.ts";

export function windowsIn({ db, run }: Connection): Pick<RunStore, "taskWindow" | "moveTaskWindow"> {
  const select = db.prepare("SELECT given, last_index, version FROM windows WHERE run_id = ?");
  const insert = db.prepare("INSERT INTO windows VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING");
  const update = db.prepare("UPDATE windows SET given = ?, last_index = ?, version = version + 1 WHERE run_id = ? AND version = ?");

  return {
    taskWindow: async (runId) =>
      run(() => {
        const row = select.get(runId);
        if (row === undefined) return { given: 0, lastIndex: -1, version: 0 };
        return { given: Number(row["given"]), lastIndex: Number(row["last_index"]), version: Number(row["version"]) };
      }),
    moveTaskWindow: async (runId, version, { given, lastIndex }) =>
      run(() => {
        const { changes } = version === 0 ? insert.run(runId, given, lastIndex) : update.run(given, lastIndex, runId, version);
        return changes > 0;
      }),
  };
}
