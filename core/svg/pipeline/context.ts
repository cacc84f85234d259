import { SeracError } from "../../errors/index.ts";
import type { StatePlatform } from "../platform.ts";
import type { RunContext } from "../stages/stage.ts";
import type { RunRecord } from "../store.ts";
import { demonstrationsOf } from "./demonstrations.ts";

/** What the samples of a prepared run share. */
export async function contextOf({ artifacts }: Pick<StatePlatform, "artifacts">, record: RunRecord): Promise<RunContext> {
  if (record.sandbox === null) throw new SeracError("record_invalid", `Run ${record.id} has no sandbox base, although it is planned.`);
  return { record, base: record.sandbox, demonstrations: await demonstrationsOf(artifacts, record.id) };
}
