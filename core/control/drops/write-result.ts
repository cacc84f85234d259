import { SeracError } from "../../errors/index.ts";
import type { StatePlatform } from "../../svg/platform.ts";
import { resultKey } from "./folder.ts";
import { readSmall } from "./read-small.ts";
import { dropResultSchema, type DropResult } from "./result.ts";

export type NewResult = Omit<DropResult, "schema" | "drop" | "updatedAt">;

const ROUNDS = 5;
/** Of a report; what is larger somebody else has put there. */
const MAX_BYTES = 1 << 20;

/**
 * Writes what became of a drop. `tell` says it by what is true now, or null when somebody newer has the word; it is asked again after
 * each write until nothing changes, so that of two writers at once the later truth stays.
 */
export async function writeResult(
  platform: Pick<StatePlatform, "artifacts" | "clock">,
  name: string,
  tell: (before: DropResult | null) => Promise<NewResult | null>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const before = await readResult(platform, name);
    const told = await tell(before);
    if (told === null) return;
    const updatedAt = new Date(platform.clock.now()).toISOString();
    const result = dropResultSchema.parse({ ...told, schema: "serac.drop/1", drop: name, updatedAt } satisfies DropResult);
    if (before !== null && isSame(before, result)) return;
    await platform.artifacts.put(resultKey(name), Buffer.from(`${JSON.stringify(result, null, 2)}\n`));
  }
}

/** Null when there is none, or when somebody put something else in its place. */
export async function readResult({ artifacts }: Pick<StatePlatform, "artifacts">, name: string): Promise<DropResult | null> {
  try {
    const bytes = await readSmall(artifacts, resultKey(name), MAX_BYTES);
    return bytes === null ? null : dropResultSchema.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    if (error instanceof SeracError && error.code !== "artifact_missing") throw error;
    return null;
  }
}

const isSame = (a: DropResult, b: DropResult): boolean =>
  JSON.stringify(dropResultSchema.parse({ ...a, updatedAt: "" })) === JSON.stringify(dropResultSchema.parse({ ...b, updatedAt: "" }));
