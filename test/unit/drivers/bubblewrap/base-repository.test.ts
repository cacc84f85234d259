import { expect, test } from "vitest";
import { isDiskFull } from "../../../../core/svg/advance.ts";
import { commitTree } from "../../../../drivers/bubblewrap/base-repository.ts";
import type { RunOnControl } from "../../../../drivers/bubblewrap/changes.ts";

const gitThatSays =
  (said: string): RunOnControl =>
  () =>
    Promise.resolve({ status: 128, output: Buffer.from(said), omittedBytes: 0 });

test("a full disk while the snapshot is made pauses the run, which can go on; nothing else does", async () => {
  const full: unknown = await commitTree(gitThatSays("fatal: unable to write loose object file: No space left on device\n")).catch(
    (error: unknown) => error,
  );
  expect(full).toMatchObject({ code: "sandbox_failed", message: expect.stringContaining("No space left on device") });
  expect(isDiskFull(full)).toBe(true);
  const other: unknown = await commitTree(gitThatSays("fatal: bad object\n")).catch((error: unknown) => error);
  expect(other).toMatchObject({ code: "sandbox_failed" });
  expect(isDiskFull(other)).toBe(false);
});
