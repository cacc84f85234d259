import { describe, expect, it } from "vitest";
import { findCloudRun } from "../../../../cli/cloud/find-run.ts";
import type { ControlClient } from "../../../../cli/platform/cloud.ts";
import { runSummary } from "../run-summary.ts";

/** Runs, newest first; `asked` tells how many pages were read. */
function clientWith(ids: readonly string[]): { readonly client: ControlClient; readonly asked: number[] } {
  const asked: number[] = [];
  const listRuns: ControlClient["listRuns"] = async ({ limit, after }) => {
    asked.push(limit);
    const from = after === undefined ? 0 : ids.indexOf(after) + 1;
    const page = ids.slice(from, from + limit);
    const next = from + limit < ids.length ? page.at(-1)! : null;
    return { runs: page.map((runId) => runSummary({ runId })), next };
  };
  return { client: { listRuns } as ControlClient, asked };
}

const IDS = ["web-20260103-000000-aaaa", "shop-20260102-000000-bbbb", "shop-20260101-000000-cccc"];

describe("a run of the cloud by its name", () => {
  it.each([
    ["latest", IDS[0]],
    ["web", IDS[0]],
    ["shop-20260101", IDS[2]],
  ])("%s", async (given, id) => {
    expect(await findCloudRun(clientWith(IDS).client, given)).toBe(id);
  });

  it("asks nobody for a whole id, and for one run for the latest", async () => {
    const { client, asked } = clientWith(IDS);
    expect(await findCloudRun(client, "other-20260101-000000-dddd")).toBe("other-20260101-000000-dddd");
    expect(asked).toEqual([]);
    await findCloudRun(client, "latest");
    expect(asked).toEqual([1]);
  });

  it("is looked for on every page", async () => {
    const many = Array.from({ length: 250 }, (_, index) => `run${index}-20260101-000000-aaaa`);
    const { client, asked } = clientWith(many);
    expect(await findCloudRun(client, "run240-")).toBe(many[240]);
    expect(asked).toEqual([100, 100, 100]);
  });

  it.each([
    ["shop", /begins 2 run ids: shop-20260102/],
    ["nothing", /The latest: web-20260103/],
    ["", /There is no run ""/],
  ])("is refused: %j", async (given, said) => {
    await expect(findCloudRun(clientWith(IDS).client, given)).rejects.toThrow(said);
  });

  it("is refused where there are none", async () => {
    await expect(findCloudRun(clientWith([]).client, "latest")).rejects.toThrow(/no runs yet/);
  });
});
