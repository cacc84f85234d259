import { afterAll, describe, expect, it } from "vitest";
import type { Teacher } from "../../../core/agent/teacher.ts";
import { TeacherError } from "../../../core/errors/index.ts";
import { retryFailed } from "../../../core/svg/pipeline/index.ts";
import { readTrajectory } from "../../../core/svg/trajectories.ts";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import { FILES, FIX, OTHER_FIX, PRICE, purposeOf, workplace, type Script } from "./support/bench.ts";

const sandbox = createVirtualBashProvider({ threads: 1 });
afterAll(() => sandbox.close());

async function outcome(script: Script, settings: object = {}) {
  await using place = await workplace(sandbox);
  const { summary, samples } = await place.run(script, settings);
  return { summary, sample: samples[0]!, asked: place.requests.map(({ purpose }) => purpose), requests: place.requests };
}

describe("the life of one sample", () => {
  it("is accepted when the second rollout repeats the first patch", async () => {
    const { sample, summary } = await outcome({});
    expect(sample).toMatchObject({
      state: "accepted",
      reason: null,
      attempts: 1,
      firstAccepted: true,
      score: { recall: 1, recallSera: 1 },
    });
    expect(summary).toMatchObject({ state: "finished", accepted: 1, recallMean: 1 });
    expect(summary.recallHistogram).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(sample.costMicroUsd).toBe(summary.spend.settledMicroUsd);
    expect(summary.spend.settledMicroUsd).toBeGreaterThan(0);
  });

  it("tries again with another kind when nothing was changed, then is rejected as no_change", async () => {
    const { sample, requests } = await outcome({ first: () => null });
    expect(sample).toMatchObject({ state: "rejected", reason: "no_change", attempts: 3, firstAccepted: false });
    const prompts = new Set(requests.map(({ request }) => request.messages[1]!.content));
    expect(prompts.size).toBe(3);
  });

  it("goes on with the attempt that brought a change", async () => {
    const { sample } = await outcome({ first: (attempt) => (attempt < 3 ? null : FIX) });
    expect(sample).toMatchObject({ state: "accepted", attempts: 3 });
  });

  it("asks no judge about a change that cannot be verified", async () => {
    const { sample, asked } = await outcome({ first: () => "printf '\\n\\n' >> src/cart.py" });
    expect(sample).toMatchObject({ state: "rejected", reason: "nothing_to_verify" });
    expect(asked).not.toContain("judge");
  });

  it("is rejected as judged_bad after three attempts that the judge did not like, and pays for no text", async () => {
    const { sample, asked } = await outcome({ judge: () => "<output>no</output>" });
    expect(sample).toMatchObject({ state: "rejected", reason: "judged_bad", attempts: 3, firstAccepted: false });
    expect(asked).not.toContain("writer");
  });

  it("reads the verdict in up to three tries", async () => {
    const { sample, asked } = await outcome({ judge: (before) => (before < 2 ? "hard to say" : "<output> Yes. </output>") });
    expect(sample.state).toBe("accepted");
    expect(asked.filter((purpose) => purpose === "judge")).toHaveLength(3);
  });

  it("is rejected as bad_verdict when no verdict can be read", async () => {
    const { sample } = await outcome({ judge: () => "yes" });
    expect(sample).toMatchObject({ state: "rejected", reason: "bad_verdict" });
  });

  it("has a leaky text written again, once", async () => {
    const leak = "<output>It should read result = 0  # starts empty, always empty there</output>";
    const { sample, asked } = await outcome({ writer: (before) => (before === 0 ? leak : "<output>Totals look wrong</output>") });
    expect(sample).toMatchObject({ state: "accepted", pullRequest: "Totals look wrong" });
    expect(asked.filter((purpose) => purpose === "writer")).toHaveLength(2);
    const twice = await outcome({ writer: () => leak });
    expect(twice.sample).toMatchObject({ state: "rejected", reason: "leak", firstAccepted: true });
    expect(twice.asked).not.toContain("second");
  });

  it("is rejected as bad_description when the writer never gives a text", async () => {
    const { sample } = await outcome({ writer: () => "no tags" });
    expect(sample).toMatchObject({ state: "rejected", reason: "bad_description" });
  });

  it("is rejected when the second rollout changes something else, or nothing", async () => {
    expect((await outcome({ second: () => OTHER_FIX })).sample).toMatchObject({
      state: "rejected",
      reason: "low_recall",
      score: { recall: 0 },
    });
    expect((await outcome({ second: () => null })).sample).toMatchObject({ state: "rejected", reason: "second_no_change", score: null });
  });

  it("is accepted at threshold 0 with any patch", async () => {
    expect((await outcome({ second: () => OTHER_FIX }, { verify: { threshold: 0 } })).sample.state).toBe("accepted");
    expect((await outcome({ second: () => null }, { verify: { threshold: 0 } })).sample.state).toBe("rejected");
  });

  it("shows the second rollout the pull request and nothing of the first", async () => {
    const { requests } = await outcome({ writer: () => "<output>PULL REQUEST TEXT</output>" });
    const first = requests.find(({ purpose }) => purpose === "first")!.request.messages;
    const second = requests.find(({ purpose }) => purpose === "second")!.request.messages;
    expect(second).toHaveLength(2);
    expect(second[0]).toEqual(first[0]);
    expect(second[1]!.content).toContain("PULL REQUEST TEXT");
    for (const secret of ["starts empty", "total", "cart.py"]) expect(second[1]!.content).not.toContain(secret);
  });
});

describe("many samples", () => {
  const two = { ...FILES, "src/tax.py": "def tax(price):\n    rate = 19\n    return price * rate / 100\n" };

  it("keeps one of equal patches: the first accepted wins", async () => {
    await using place = await workplace(sandbox);
    const { samples, summary } = await place.run({}, { plan: { samples: 4, perFunction: 2 } }, { files: two });
    expect(summary).toMatchObject({ done: 4, accepted: 1, rejected: 3 });
    expect(samples.map(({ reason }) => reason).filter((reason) => reason !== null)).toEqual(["duplicate", "duplicate", "duplicate"]);
    // Known duplicates cost no text and no second rollout.
    expect(place.requests.filter(({ purpose }) => purpose === "writer")).toHaveLength(1);
  });

  it("pauses at the budget and goes on with a larger one, without paying anything twice", async () => {
    await using place = await workplace(sandbox);
    // A call settles at 130 micro-dollars and is reserved at some thousands, so the run gets some calls far.
    const teacher = { baseUrl: "http://127.0.0.1:9/v1", model: "scripted", concurrency: 1, maxOutputTokens: 10, price: PRICE };
    const settings = { teacher, plan: { samples: 2 }, budget: { usd: 0.002 } };
    await expect(place.run({}, settings, { files: two })).rejects.toMatchObject({ name: "PausedError", code: "budget_exhausted" });
    const [run] = await place.platform.store.listRuns();
    expect(run).toMatchObject({ state: "paused" });
    const spent = await place.platform.store.spend(run!.id);
    expect(spent.settledMicroUsd + spent.reservedMicroUsd).toBeLessThanOrEqual(2_000);
    expect(spent.settledCalls).toBeGreaterThan(0);
    await place.platform.store.setBudget(run!.id, 10_000_000);
    const { summary } = await place.run({}, settings, { files: two, runId: run!.id });
    expect(summary).toMatchObject({ state: "finished", done: 2 });
    const ids = place.requests.map(({ request }) => request.callId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("pauses when the teacher refuses the key, and leaves the sample where it is", async () => {
    await using place = await workplace(sandbox);
    const refusing = await place
      .run(
        {},
        {},
        {
          teacher: (scripted) => ({ ...scripted, chat: (request) => (purposeOf(request) === "judge" ? refuse() : scripted.chat(request)) }),
        },
      )
      .catch((error: unknown) => error);
    expect(refusing).toMatchObject({ name: "PausedError", code: "teacher_auth" });
    const [run] = await place.platform.store.listRuns();
    expect((await place.platform.store.listSamples(run!.id, { limit: 9 }))[0]).toMatchObject({ state: "first" });
    const { summary } = await place.run({}, {}, { runId: run!.id });
    expect(summary).toMatchObject({ state: "finished", accepted: 1 });
  });

  it("has its next task before the one it had is done with", async () => {
    await using place = await workplace(sandbox);
    const { queue } = place.platform;
    const acknowledge = queue.acknowledge.bind(queue);
    const waiting: number[] = [];
    queue.acknowledge = async (task) => {
      waiting.push((await queue.depth(task.queue)).waiting);
      await acknowledge(task);
    };
    const stop = new AbortController();
    const teacher = (scripted: Teacher): Teacher => ({
      ...scripted,
      chat: (request) => {
        if (purposeOf(request) === "judge") stop.abort();
        return request.signal?.aborted === true ? Promise.reject(request.signal.reason as Error) : scripted.chat(request);
      },
    });
    await expect(place.run({}, {}, { teacher, signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    expect(waiting).toEqual([1]);
    const [run] = await place.platform.store.listRuns();
    const { summary } = await place.run({}, {}, { runId: run!.id });
    expect(summary).toMatchObject({ state: "finished", accepted: 1 });
    expect(waiting).toEqual([1, 0]);
  });

  it("a sample that failed goes on from what was accepted", async () => {
    await using place = await workplace(sandbox);
    const broken = await place.run(
      {},
      {},
      {
        teacher: (scripted) => ({ ...scripted, chat: (request) => (purposeOf(request) === "writer" ? gone() : scripted.chat(request)) }),
      },
    );
    expect(broken.samples[0]).toMatchObject({ state: "failed", reason: "teacher_refused", firstAccepted: true });
    expect(broken.samples[0]!.costMicroUsd).toBe(broken.summary.spend.settledMicroUsd);
    const runId = broken.summary.runId;
    expect(await retryFailed(place.platform, runId, "unit")).toBe(1);
    const { samples, summary } = await place.run({}, {}, { runId });
    expect(samples[0]).toMatchObject({ state: "accepted", attempts: 1, costMicroUsd: summary.spend.settledMicroUsd });
    expect(place.requests.filter(({ purpose }) => purpose === "judge")).toHaveLength(1);
    const first = await readTrajectory(place.platform.artifacts, runId, samples[0]!.firstRolloutId!);
    expect(first).toMatchObject({ exitStatus: "submitted", toolset: "swe-agent" });
  });
});

const refuse = () => Promise.reject(new TeacherError("teacher_auth", "The key was refused.", { status: 401 }));
const gone = () => Promise.reject(new TeacherError("teacher_rejected", "No.", { status: 422 }));
