import { describe, expect, it } from "vitest";
import { paceOf } from "../../../../core/control/api/run-detail.ts";
import { uploadKey } from "../../../../core/control/api/upload-key.ts";
import { UPLOAD_ID } from "../../../../core/control/api/wire/uploads.ts";

const createdAt = "2026-01-01T00:00:00.000Z";
const after = (minutes: number): number => Date.parse(createdAt) + minutes * 60_000;

describe("the pace of a run", () => {
  it("is over its whole life", () => {
    expect(paceOf({ state: "running", done: 30, planned: 90, createdAt }, after(15))).toEqual({ samplesPerMinute: 2, etaSeconds: 1800 });
  });

  it.each([
    ["it does not run", { state: "paused" as const, done: 3 }, 10],
    ["nothing is done", { state: "running" as const, done: 0 }, 10],
    ["clocks differ", { state: "running" as const, done: 3 }, -1],
  ])("is unknown while %s", (_why, run, minutes) => {
    expect(paceOf({ ...run, planned: 9, createdAt }, after(minutes))).toEqual({ samplesPerMinute: null, etaSeconds: null });
  });
});

describe("an upload", () => {
  it("lies where its format can be told", () => {
    const id = "4fGh2kLmN8pQrS6tUvWxYz01";
    for (const format of ["tar.gz", "zip", "bundle"]) {
      expect(`${id}.${format}`).toMatch(UPLOAD_ID);
      expect(uploadKey(`${id}.${format}`)).toBe(`uploads/${id}/repo.${format}`);
    }
    for (const wrong of [`${id}.tarxgz`, `${id}.exe`, `../${id}.zip`, `${id}.zip/x`, `${id}.zip\n`]) expect(wrong).not.toMatch(UPLOAD_ID);
  });
});
