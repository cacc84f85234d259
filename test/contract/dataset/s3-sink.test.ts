import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exportRun } from "../../../core/dataset/index.ts";
import type { DatasetSink } from "../../../core/dataset/index.ts";
import { openDatasetFolder } from "../../../drivers/dataset-folder/index.ts";
import { createS3Artifacts, createS3DatasetSink } from "../../../drivers/s3/index.ts";
import { RUN, testRun, testSample } from "../../unit/dataset/test-data.ts";
import { newBucket, type TestBucket } from "../../cloud/bucket.ts";
import { injectFaults, refusedInXml } from "../../cloud/faults.ts";
import { useMoto } from "../../cloud/use-moto.ts";
import { addSample, openTestHome, type TestHome } from "./home.ts";

const MIB = 2 ** 20;

const moto = useMoto();
let bucket: TestBucket;
let home: TestHome | null = null;
beforeEach(async () => {
  bucket = await newBucket(moto.endpoint, { maxAttempts: 1 });
});
afterEach(() => {
  home?.close();
  home = null;
});

const open = (): DatasetSink => createS3DatasetSink({ ...bucket, prefix: "datasets/run1/" });

/** What everybody can see below the prefix. */
async function visible(): Promise<Record<string, string>> {
  const artifacts = createS3Artifacts(await anew());
  const found: Record<string, string> = {};
  for await (const key of artifacts.list("datasets/run1/")) {
    found[key.slice("datasets/run1/".length)] = Buffer.from(await artifacts.get(key)).toString();
  }
  return found;
}

/** The same bucket through a client that meets no faults. */
async function anew(): Promise<TestBucket> {
  const { client } = await newBucket(moto.endpoint);
  return { ...bucket, client };
}

async function write(sink: DatasetSink, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = await sink.create(path);
    for (let at = 0; at < text.length; at += 3 * MIB) await file.write(Buffer.from(text.slice(at, at + 3 * MIB)));
    await file.close();
  }
}

const OLD = { "t1/train-00000.jsonl": "old 1", "t1/train-00001.jsonl": "old 2", "t2/train-00000.jsonl": "old 3", "README.md": "old card" };
const NEW = { "t1/train-00000.jsonl": "n".repeat(9 * MIB), "t2/train-00000.jsonl": "new 3", "README.md": "new card" };

test("a run's dataset is the same in a bucket as in a folder", async () => {
  home = await openTestHome();
  await home.platform.store.createRun(testRun());
  for (let index = 0; index < 12; index++) await addSample(home.platform, testSample(index));
  const folder = join(home.folder, "out");
  await exportRun(home.platform, RUN, { format: "hermes", sink: await openDatasetFolder(folder) });
  const report = await exportRun(home.platform, RUN, { format: "hermes", sink: open() });
  expect(report.location).toBe(`s3://${bucket.bucket}/datasets/run1/`);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  expect(Object.keys(await visible()).toSorted()).toEqual(paths.toSorted());
  for (const path of paths) {
    const stored = await createS3Artifacts(bucket).get(`datasets/run1/${path}`);
    expect(readFileSync(join(folder, path)).equals(stored), path).toBe(true);
  }
});

test("nothing is to be seen before the commit, and what is not part of the export goes with it", async () => {
  const first = open();
  await write(first, OLD);
  expect(await visible()).toEqual({});
  await first.commit();
  await first.abort();
  expect(await visible()).toEqual(OLD);

  const artifacts = createS3Artifacts(bucket);
  await artifacts.put("datasets/run10/README.md", Buffer.from("of another run"));
  const second = open();
  await write(second, NEW);
  expect(await visible()).toEqual(OLD);
  expect(await bucket.unfinished()).toEqual(["datasets/run1/t1/train-00000.jsonl"]);
  await second.commit();
  expect(await visible()).toEqual(NEW);
  expect(await bucket.unfinished()).toEqual([]);
  expect(await artifacts.exists("datasets/run10/README.md")).toBe(true);
});

test("an export that is given up leaves what was there, and no parts", async () => {
  const first = open();
  await write(first, OLD);
  await first.commit();
  const second = open();
  await write(second, NEW);
  const half = await second.create("t2/train-00001.jsonl");
  await half.write(Buffer.alloc(20 * MIB));
  await second.abort();
  await second.abort();
  expect(await visible()).toEqual(OLD);
  expect(await bucket.unfinished()).toEqual([]);
});

test("a commit that dies at any of its calls leaves a whole export or one without a card, and the next one puts it right", async () => {
  const cards = new Set<string | undefined>();
  for (let survived = 0, isCommitted = false; !isCommitted; survived++) {
    bucket = await newBucket(moto.endpoint, { maxAttempts: 1 });
    const before = open();
    await write(before, OLD);
    await before.commit();

    const dying = open();
    await write(dying, NEW);
    let calls = 0;
    injectFaults(bucket.client, () => (calls++ < survived ? null : refusedInXml(403, "AccessDenied")));
    isCommitted = await dying.commit().then(
      () => true,
      () => false,
    );
    const left = await visible();
    const { "README.md": card } = left;
    const whole = { [OLD["README.md"]]: OLD, [NEW["README.md"]]: NEW };
    expect(left).toEqual(card === undefined ? left : whole[card]);
    cards.add(card);

    bucket = await anew();
    const again = open();
    await write(again, NEW);
    await again.commit();
    expect(await visible()).toEqual(NEW);
    expect(survived).toBeLessThan(20);
  }
  expect([...cards]).toEqual(["old card", undefined, "new card"]);
});

test("a sink that is used wrongly says so and shows nothing", async () => {
  const sink = open();
  await expect(sink.create("../other/README.md")).rejects.toMatchObject({ name: "InputError" });
  await sink.create("t1/train-00000.jsonl");
  await expect(sink.create("t1/train-00000.jsonl")).rejects.toThrow("written twice");
  await expect(sink.commit()).rejects.toThrow("still being written");
  const cardless = open();
  await write(cardless, { "t1/train-00000.jsonl": "x" });
  await expect(cardless.commit()).rejects.toThrow("ends with README.md");
  expect(await visible()).toEqual({});
});

test.each(["", "/", "../datasets", "datasets//run1"])("%j is no place for a dataset", (prefix) => {
  expect(() => createS3DatasetSink({ ...bucket, prefix })).toThrow(/no artefact key/);
});
