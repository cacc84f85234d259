import { expect, test } from "vitest";
import { findRun } from "../../../cli/run-ids.ts";
import { resolveConfig } from "../../../core/config/resolve.ts";
import type { RunRecord, RunStore } from "../../../core/svg/store.ts";

const run = (id: string): RunRecord => ({
  id,
  name: "app",
  config: resolveConfig([]),
  repository: "/srv/app",
  commit: null,
  state: "finished",
  detail: null,
  rehearsal: false,
  sandbox: null,
  planned: 1,
  functions: 1,
  createdAt: "2026-11-21T10:00:00Z",
  updatedAt: "2026-11-21T10:00:00Z",
});

/** All that findRun asks of a store. */
const storeWith = (...ids: string[]): Pick<RunStore, "listRuns"> => ({ listRuns: () => Promise.resolve(ids.map(run)) });

const store = storeWith("app-20261122-1", "app-20261121-2", "lib-20261120-3");

test("the whole id, a unique beginning, or latest", async () => {
  expect((await findRun(store, "app-20261121-2")).id).toBe("app-20261121-2");
  expect((await findRun(store, "lib")).id).toBe("lib-20261120-3");
  expect((await findRun(store, "latest")).id).toBe("app-20261122-1");
});

test("a whole id wins over being the beginning of another", async () => {
  expect((await findRun(storeWith("app-1", "app-10"), "app-1")).id).toBe("app-1");
});

test("an ambiguous beginning lists the runs it fits", async () => {
  await expect(findRun(store, "app")).rejects.toMatchObject({
    code: "run_unknown",
    message: '"app" begins 2 run ids: app-20261122-1, app-20261121-2.',
  });
});

test("an unknown run lists the latest; an empty home says that it is empty", async () => {
  await expect(findRun(store, "web")).rejects.toThrow(/no run "web"\. The latest: app-20261122-1, /);
  await expect(findRun(store, "")).rejects.toMatchObject({ code: "run_unknown" });
  await expect(findRun(storeWith(), "latest")).rejects.toThrow(/no runs yet/);
});
