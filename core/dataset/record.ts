import type { Trajectory } from "../agent/trajectory.ts";
import { packJson, unpackJson } from "../svg/packed-json.ts";
import { RECORD_SCHEMA, type TrajectoryRecord } from "../svg/record.ts";
import { kindOf, type SampleRecord } from "../svg/sample.ts";
import type { RunRecord } from "../svg/store.ts";
import { recordSchema } from "./record-schema.ts";

/** zstd of one JSON document. */
export function packRecord(record: TrajectoryRecord): Promise<Buffer> {
  return packJson(record);
}

/** InputError("record_invalid") for bytes that are no record, of another schema version, or too large; `where` names them in the message. */
export function unpackRecord(packed: Uint8Array, where: string): Promise<TrajectoryRecord> {
  return unpackJson(packed, where, recordSchema, hintFor);
}

/** Joins what a rollout left with the sample and the run that it belongs to. */
export function recordOf(run: RunRecord, sample: SampleRecord, dataset: "t1" | "t2", trajectory: Trajectory): TrajectoryRecord {
  return {
    ...trajectory,
    rehearsal: trajectory.rehearsal || run.rehearsal,
    schema: RECORD_SCHEMA,
    runId: run.id,
    sampleId: sample.id,
    dataset,
    function: sample.function,
    kind: kindOf(sample),
    replica: sample.replica,
    seed: sample.seed,
    repository: { name: run.name, commit: run.commit },
    teacher: {
      model: run.config.teacher?.model ?? trajectory.steps[0]?.model ?? "",
      temperature: run.config.teacher?.temperature ?? 0,
    },
    pullRequest: dataset === "t2" ? sample.pullRequest : null,
    score: sample.score,
    accepted: sample.state === "accepted",
  };
}

function hintFor(document: unknown): string | undefined {
  const version = versionOf(document);
  return version !== null && version !== RECORD_SCHEMA ? `Its schema is ${version}; this serac reads ${RECORD_SCHEMA}.` : undefined;
}

function versionOf(document: unknown): string | null {
  const schema: unknown = typeof document === "object" && document !== null ? Reflect.get(document, "schema") : null;
  return typeof schema === "string" ? schema.slice(0, 100) : null;
}
