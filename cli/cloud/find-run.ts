import { InputError } from "../../core/errors/index.ts";
import type { CloudRunSummary, ControlClient } from "../platform/cloud.ts";

const PAGE = 100;
/** A beginning of an id is looked for among so many of the newest runs. */
const MOST = 1000;
const SHOWN = 5;
/** What an id of a run ends with: its day, its time and four digits. */
const WHOLE_ID = /-\d{8}-\d{6}-[0-9a-f]{4}$/;

/** The id of a run by itself, by a unique beginning of it, or by `latest`. InputError("run_unknown"). */
export async function findCloudRun(client: ControlClient, given: string): Promise<string> {
  if (WHOLE_ID.test(given)) return given;
  const runs = await newest(client, given === "latest" ? 1 : MOST);
  if (runs.length === 0) {
    throw new InputError("run_unknown", `There is no run ${JSON.stringify(given)}: this deployment has no runs yet.`, {
      hint: "Start one with `serac run --cloud`.",
    });
  }
  if (given === "latest") return runs[0]!.runId;
  const matching = given === "" ? [] : runs.filter(({ runId }) => runId === given || runId.startsWith(given));
  const exact = matching.find(({ runId }) => runId === given);
  if (exact !== undefined || matching.length === 1) return (exact ?? matching[0]!).runId;
  if (matching.length > 1) {
    throw new InputError("run_unknown", `${JSON.stringify(given)} begins ${matching.length} run ids: ${names(matching)}.`, {
      hint: "Give more of the id.",
    });
  }
  throw new InputError("run_unknown", `There is no run ${JSON.stringify(given)}. The latest: ${names(runs)}.`, {
    hint: "`serac status --cloud` lists the runs; a unique beginning of an id is enough, and `latest` works too.",
  });
}

async function newest(client: ControlClient, most: number): Promise<readonly CloudRunSummary[]> {
  const runs: CloudRunSummary[] = [];
  for (let after: string | null | undefined; after !== null && runs.length < most;) {
    const page = await client.listRuns({ limit: Math.min(PAGE, most), ...(after === undefined ? {} : { after }) });
    runs.push(...page.runs);
    after = page.next;
  }
  return runs;
}

const names = (runs: readonly CloudRunSummary[]): string =>
  runs
    .slice(0, SHOWN)
    .map(({ runId }) => runId)
    .join(", ") + (runs.length > SHOWN ? ", …" : "");
