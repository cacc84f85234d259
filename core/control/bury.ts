import type { CloudQueue } from "../config/cloud/names.ts";
import { SeracError } from "../errors/index.ts";
import { placeOfSample } from "../plan/sample-id.ts";
import { openAccount } from "../svg/account.ts";
import { moveSample } from "../svg/move.ts";
import { FINAL_STATES } from "../svg/sample.ts";
import type { RunRecord } from "../svg/store.ts";
import { readFinishMessage, readPrepareMessage } from "./messages.ts";
import { moveOn } from "./move-on.ts";
import type { ControlPlatform } from "./platform.ts";
import { stopRun } from "./stop-run.ts";
import { buryTraining } from "./training/bury-training.ts";

/** `nothing`: the letter is of nothing that could still fail by it. */
export type BuryOutcome = "sample failed" | "run stopped" | "model failed" | "nothing";

const LEASE_MS = 60_000;
const OWNER = "bury";
const SAMPLE_DETAIL = "It was begun several times and never came to an end: each time the function that worked on it failed or was ended.";

/** Turns a task that nobody could do into the failure of its sample, its run or its model. May be called twice. */
export async function buryTask(platform: ControlPlatform, queue: CloudQueue, body: string): Promise<BuryOutcome> {
  if (queue === "work") return burySample(platform, body);
  if (queue === "train") return buryTraining(platform, body);
  const message = readIfOurs(queue, body);
  const run = message === null ? null : await platform.store.getRun(message.runId);
  if (message === null || run === null) return "nothing";
  return queue === "prepare" ? buryPreparation(platform, run, message) : buryFinish(platform, run);
}

async function burySample(platform: ControlPlatform, sampleId: string): Promise<BuryOutcome> {
  const place = placeOfSample(sampleId);
  const run = place === null ? null : await platform.store.getRun(place.runId);
  const sample = run === null ? null : await platform.store.getSample(sampleId);
  // A run that rests gives the sample a new task when it goes on.
  if (run === null || sample === null || run.state !== "running") return "nothing";
  if (!FINAL_STATES.includes(sample.state)) await failSample(platform, sampleId);
  await moveOn(platform, run);
  return "sample failed";
}

async function failSample(platform: ControlPlatform, sampleId: string): Promise<void> {
  const { store } = platform;
  const lease = await store.acquireLease(sampleId, OWNER, LEASE_MS);
  if (lease === null) throw new SeracError("state_conflict", `Sample ${sampleId} is being worked on by another task.`);
  // As it is now that nobody else can change it.
  const sample = (await store.getSample(sampleId))!;
  if (!FINAL_STATES.includes(sample.state)) {
    const change = { reason: "internal", detail: SAMPLE_DETAIL } as const;
    await moveSample({ store, account: openAccount(platform), lease: () => lease }, sample, { to: "failed", change });
  }
  await store.releaseLease(lease);
}

async function buryPreparation(platform: ControlPlatform, run: RunRecord, { isReady }: Letter): Promise<BuryOutcome> {
  const why = run.detail === null ? "" : ` ${run.detail}`;
  const isFailed = await stopRun(platform, run.id, ["preparing"], "failed", `The run could not be prepared, after several tries.${why}`);
  if (isFailed) return "run stopped";
  // The run went on without it: the letter is of a delivery that came twice.
  if (!isReady) return "nothing";
  const text = "Samples could not be given their tasks, after several tries. Resume the run to try again.";
  return (await stopRun(platform, run.id, ["running"], "paused", text)) ? "run stopped" : "nothing";
}

async function buryFinish(platform: ControlPlatform, run: RunRecord): Promise<BuryOutcome> {
  const why = run.detail === null ? "" : ` ${run.detail}`;
  const text = `Every sample has its result, but the dataset could not be written, after several tries.${why} Resume the run to try again.`;
  return (await stopRun(platform, run.id, ["running"], "failed", text)) ? "run stopped" : "nothing";
}

interface Letter {
  readonly runId: string;
  readonly isReady: boolean;
}

function readIfOurs(queue: "prepare" | "finish", body: string): Letter | null {
  try {
    return queue === "prepare" ? readPrepareMessage(body) : { ...readFinishMessage(body), isReady: false };
  } catch (error) {
    if (error instanceof SeracError && error.code === "record_invalid") return null;
    throw error;
  }
}
