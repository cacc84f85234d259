import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Journal, JournalEntry } from "../../core/agent/journal.ts";
import { awsName, awsStatus } from "../../core/errors/cloud.ts";
import { systemClock, type Clock } from "../../core/errors/clock.ts";
import { ConflictError, InputError, SeracError } from "../../core/errors/index.ts";
import { placeOfSample } from "../../core/plan/sample-id.ts";
import { assertKey } from "../../core/svg/artifact-key.ts";
import { listKeys } from "./artifacts.ts";
import { atOnce } from "./at-once.ts";
import { addressOf, objectError, type Bucket } from "./bucket.ts";
import { readWhole } from "./read.ts";

/** Six digits, so that keys sort as numbers do. */
const MAX_ENTRIES = 1_000_000;
const READS_AT_ONCE = 16;
/** An entry may have some megabytes. */
const VISITS_AT_ONCE = 4;
/** Beyond the SDK's own tries: an entry may hold a reply that was paid for and is nowhere else. */
const PATIENCE_MS = 30_000;
const FIRST_WAIT_MS = 250;

/** An object an entry, `runs/<runId>/rollouts/<streamId>/journal/000000.json`, each written only where there is none. */
export function createS3Journal(target: Bucket & { readonly clock?: Clock }): Journal {
  const clock = target.clock ?? systemClock;
  return {
    append: async (streamId, n, entry) => {
      const key = keyOf(streamId, n);
      const body = Buffer.from(JSON.stringify(entry));
      const isOurs = await patiently(clock, async () => {
        if (await putNew(target, key, body)) return true;
        // The SDK repeats a call whose answer was lost, and then finds its own entry there.
        return body.equals(await readWhole(target, key));
      });
      if (!isOurs) throw new ConflictError("journal_conflict", `entry ${n} of ${streamId} is written already`);
    },
    read: async (streamId) => {
      const numbers = await numbersOf(target, streamId);
      return atOnce(READS_AT_ONCE, numbers, (n) => readEntry(target, streamId, n));
    },
    visit: async (streamId, see) => {
      const numbers = await numbersOf(target, streamId);
      for (let from = 0; from < numbers.length; from += VISITS_AT_ONCE) {
        const few = numbers.slice(from, from + VISITS_AT_ONCE);
        for (const entry of await atOnce(VISITS_AT_ONCE, few, (n) => readEntry(target, streamId, n))) see(entry);
      }
    },
  };
}

async function numbersOf(target: Bucket, streamId: string): Promise<readonly number[]> {
  let count = 0;
  for await (const key of listKeys(target, folderOf(streamId))) count = Math.max(count, numberIn(key) + 1);
  return [...Array(count).keys()];
}

/** False when there is an object already. */
async function putNew(target: Bucket, key: string, body: Uint8Array): Promise<boolean> {
  try {
    await target.client.send(
      new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: body, ContentType: "application/json", IfNoneMatch: "*" }),
    );
    return true;
  } catch (error) {
    if (awsStatus(error) === 412) return false;
    throw objectError(error, "PutObject", target, key);
  }
}

async function patiently<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const startedMs = clock.now();
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (clock.now() - startedMs > PATIENCE_MS || !(error instanceof SeracError) || !mayPass(error.cause)) throw error;
    }
    await clock.sleep(FIRST_WAIT_MS * 2 ** tries * (0.5 + Math.random() / 2));
  }
}

/** Below the last entry there is none that may be missing: each was there before the next one was written. */
async function readEntry(source: Bucket, streamId: string, n: number): Promise<JournalEntry> {
  const key = keyOf(streamId, n);
  try {
    const entry: JournalEntry = JSON.parse((await readWhole(source, key)).toString());
    return entry;
  } catch (cause) {
    const isGone = cause instanceof SeracError && cause.code === "artifact_missing";
    if (!isGone && !(cause instanceof SyntaxError)) throw cause;
    const what = isGone ? "is missing, and later ones are there" : "is not what serac wrote";
    throw new SeracError("record_invalid", `The journal of ${streamId} is damaged: ${addressOf(source, key)} ${what}.`, { cause });
  }
}

/**
 * Trouble on the way, too many calls, or 409, which S3 says where two writes of one key meet:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
function mayPass(error: unknown): boolean {
  const status = awsStatus(error);
  return status === undefined ? /^(?:E[A-Z_]+|TimeoutError)$/.test(awsName(error)) : status === 409 || status === 429 || status >= 500;
}

function folderOf(streamId: string): string {
  const place = placeOfSample(streamId);
  if (place === null || streamId.includes("/")) {
    throw new InputError(
      "usage",
      `${JSON.stringify(streamId)} is no journal stream: a stream belongs to a sample, and its id begins with the sample's.`,
    );
  }
  return `runs/${place.runId}/rollouts/${streamId}/journal/`;
}

function keyOf(streamId: string, n: number): string {
  if (!Number.isInteger(n) || n < 0 || n >= MAX_ENTRIES) throw new RangeError(`${n} is no number of a journal entry.`);
  const key = `${folderOf(streamId)}${String(n).padStart(6, "0")}.json`;
  assertKey(key);
  return key;
}

/** -1 for what is no entry. */
const numberIn = (key: string): number => Number(/\/(\d{6})\.json$/.exec(key)?.[1] ?? -1);
