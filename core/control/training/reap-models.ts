import { OPEN_MODEL_STATES, type ModelRecord } from "../../training/model.ts";
import type { ControlPlatform } from "../platform.ts";
import { TRAIN_QUEUE, trainTaskOf } from "./message.ts";

const MINUTE_MS = 60_000;
/** Nothing was heard of a model for so long: its task or the word of its job was lost, when no task waits. */
const QUIET_MS = 10 * MINUTE_MS;
/** The same while tasks wait. By then every redelivery has had its time. */
const PATIENT_MS = 6 * 60 * MINUTE_MS;
/** For so long it is made sure of a cancelled model's job that it ended. */
const ENDING_MS = 24 * 60 * MINUTE_MS;
const MOST_MODELS = 500;
const PAGE = 100;

/** Gives models of which nothing is heard a task, so that what was lost between the queue, AWS Batch and the store is found. Returns how many. */
export async function reapModels(platform: ControlPlatform): Promise<number> {
  const { waiting, inFlight } = await platform.queue.depth(TRAIN_QUEUE);
  const quietMs = waiting + inFlight === 0 ? QUIET_MS : PATIENT_MS;
  let given = 0;
  for await (const model of newestModels(platform)) {
    const task = taskFor(model, platform.clock.now(), quietMs);
    if (task === null) continue;
    await platform.queue.enqueue(TRAIN_QUEUE, [trainTaskOf(task, model.id)]);
    given += 1;
  }
  return given;
}

function taskFor({ state, job, updatedAt }: ModelRecord, nowMs: number, quietMs: number): "start" | "watch" | null {
  const silentMs = nowMs - Date.parse(updatedAt);
  if (silentMs < quietMs) return null;
  if (state === "preparing") return "start";
  if (OPEN_MODEL_STATES.includes(state)) return "watch";
  return state === "cancelled" && job !== null && silentMs < ENDING_MS ? "watch" : null;
}

async function* newestModels({ models }: ControlPlatform): AsyncGenerator<ModelRecord> {
  let after: string | undefined;
  for (let seen = 0; seen < MOST_MODELS; seen += PAGE) {
    const page = await models.listModels({ limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.id;
  }
}
