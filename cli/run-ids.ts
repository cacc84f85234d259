import { InputError } from "../core/errors/index.ts";
import type { RunRecord, RunStore } from "../core/svg/store.ts";

const SHOWN = 5;

/** A run by its id, a unique beginning of it, or `latest`. InputError("run_unknown"). */
export async function findRun(store: Pick<RunStore, "listRuns">, given: string): Promise<RunRecord> {
  const runs = await store.listRuns();
  if (runs.length === 0) {
    throw new InputError("run_unknown", `There is no run ${JSON.stringify(given)}: this home has no runs yet.`, {
      hint: "Start one with `serac run`, or name another home with --home.",
    });
  }
  if (given === "latest") return runs[0]!;
  const exact = runs.find((run) => run.id === given);
  if (exact !== undefined) return exact;
  const matching = given === "" ? [] : runs.filter((run) => run.id.startsWith(given));
  if (matching.length === 1) return matching[0]!;
  const names = (list: readonly RunRecord[]): string =>
    list
      .slice(0, SHOWN)
      .map((run) => run.id)
      .join(", ") + (list.length > SHOWN ? ", …" : "");
  if (matching.length > 1) {
    throw new InputError("run_unknown", `${JSON.stringify(given)} begins ${matching.length} run ids: ${names(matching)}.`, {
      hint: "Give more of the id.",
    });
  }
  throw new InputError("run_unknown", `There is no run ${JSON.stringify(given)}. The latest: ${names(runs)}.`, {
    hint: "`serac status` lists the runs; a unique beginning of an id is enough, and `latest` works too.",
  });
}
