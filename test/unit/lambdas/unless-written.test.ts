import { expect, test } from "vitest";
import type { DatasetSink } from "../../../core/dataset/index.ts";
import { unlessWritten } from "../../../lambdas/platform/unless-written.ts";

const PLACE = "s3://bucket/datasets/run/";

function recorded(): { readonly sink: DatasetSink; readonly calls: string[] } {
  const calls: string[] = [];
  const sink: DatasetSink = {
    create: (path) => {
      calls.push(path);
      return Promise.resolve({ write: () => Promise.resolve(), close: () => Promise.resolve() });
    },
    commit: () => {
      calls.push("commit");
      return Promise.resolve(PLACE);
    },
    abort: () => {
      calls.push("abort");
      return Promise.resolve();
    },
  };
  return { sink, calls };
}

test.each([
  [false, ["README.md", "commit"]],
  [true, ["README.md", "abort"]],
])("a run that has its dataset (%s) meanwhile keeps it", async (isWritten, expected) => {
  const { sink, calls } = recorded();
  const guarded = unlessWritten(sink, () => Promise.resolve(isWritten), PLACE);
  await guarded.create("README.md");
  expect(await guarded.commit()).toBe(PLACE);
  expect(calls).toEqual(expected);
});

test("whether it is written is asked when the dataset is there, and an answer that fails shows nothing", async () => {
  const { sink, calls } = recorded();
  const guarded = unlessWritten(sink, () => Promise.reject(new Error("The table is busy.")), PLACE);
  await expect(guarded.commit()).rejects.toThrow("busy");
  await guarded.abort();
  expect(calls).toEqual(["abort"]);
});
