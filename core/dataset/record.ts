import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type * as z from "zod";
import type { Trajectory } from "../agent/trajectory.ts";
import { InputError } from "../errors/index.ts";
import { RECORD_SCHEMA, type TrajectoryRecord } from "../svg/record.ts";
import { kindOf, type SampleRecord } from "../svg/sample.ts";
import type { RunRecord } from "../svg/store.ts";
import { recordSchema, trajectorySchema } from "./record-schema.ts";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** 115 steps of 100,000 characters are 12 MB; what unpacks to more than this is not ours. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Most trajectories unpack in one piece. */
const CHUNK_BYTES = 128 * 1024;

/** zstd of one JSON document. */
export function packRecord(record: TrajectoryRecord): Promise<Buffer> {
  return compress(Buffer.from(JSON.stringify(record)));
}

/** InputError("record_invalid") for bytes that are no record, of another schema version, or too large; `where` names them in the message. */
export function unpackRecord(packed: Uint8Array, where: string): Promise<TrajectoryRecord> {
  return unpack(packed, where, recordSchema);
}

/** As `unpackRecord`, for the artefact that a rollout leaves. */
export function unpackTrajectory(packed: Uint8Array, where: string): Promise<Trajectory> {
  return unpack(packed, where, trajectorySchema);
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

async function unpack<T>(packed: Uint8Array, where: string, schema: z.ZodType<T>): Promise<T> {
  let document: unknown;
  try {
    document = JSON.parse((await decompress(packed, { maxOutputLength: MAX_BYTES, chunkSize: CHUNK_BYTES })).toString());
  } catch (cause) {
    throw new InputError("record_invalid", `${where} is not zstd-compressed JSON of at most ${MAX_BYTES} bytes.`, { cause });
  }
  const checked = schema.safeParse(document);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const version = versionOf(document);
  const hint = version !== null && version !== RECORD_SCHEMA ? `Its schema is ${version}; this serac reads ${RECORD_SCHEMA}.` : undefined;
  throw new InputError("record_invalid", `${where} is no trajectory: ${issue!.path.join(".") || "the document"}: ${issue!.message}.`, {
    hint,
  });
}

function versionOf(document: unknown): string | null {
  const schema: unknown = typeof document === "object" && document !== null ? Reflect.get(document, "schema") : null;
  return typeof schema === "string" ? schema.slice(0, 100) : null;
}
