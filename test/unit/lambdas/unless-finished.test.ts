import { expect, test } from "vitest";
import type { DatasetSink } from "../../../core/dataset/index.ts";
import { unlessFinished } from "../../../lambdas/platform/unless-finished.ts";

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
])("a run that is finished (%s) meanwhile keeps the dataset that is there", async (isFinished, expected) => {
  const { sink, calls } = recorded();
  const guarded = unlessFinished(sink, () => Promise.resolve(isFinished), PLACE);
  await guarded.create("README.md");
  expect(await guarded.commit()).toBe(PLACE);
  expect(calls).toEqual(expected);
});

test("whether it is finished is asked when the dataset is there, and an answer that fails shows nothing", async () => {
  const { sink, calls } = recorded();
  const guarded = unlessFinished(sink, () => Promise.reject(new Error("The table is busy.")), PLACE);
  await expect(guarded.commit()).rejects.toThrow("busy");
  await guarded.abort();
  expect(calls).toEqual(["abort"]);
});
