import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Journal, JournalEntry } from "../../../core/agent/journal.ts";
import { runRollout } from "../../../core/agent/rollout.ts";
import type { BaseSnapshot, SandboxProvider } from "../../../core/agent/sandbox.ts";
import type { Task } from "../../../core/agent/toolset.ts";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import { configSchema } from "../../../core/config/schema.ts";
import { describeMessages } from "../../../core/svg/describe/prompt.ts";
import { judgeMessages } from "../../../core/svg/judge/prompt.ts";
import { outputOf } from "../../../core/svg/output-tag.ts";
import { leaks } from "../../../core/svg/patch/index.ts";
import { scorePatches } from "../../../core/svg/recall/index.ts";
import type { OpenAiTeacher } from "../../../drivers/openai/index.ts";
import { createOpenAiTeacher } from "../../../drivers/openai/index.ts";
import type { RehearsalOptions, RehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { startRehearsalTeacher } from "../../../drivers/rehearsal/index.ts";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import { memorySource } from "../virtual-bash/memory-source.ts";
import { teacherConfig } from "./scripted-server.ts";
import { removeFolderSync, temporaryFolder } from "../../folder.ts";

/** The whole conversation between the harness and the rehearsal teacher, over HTTP and in a real sandbox. */

const FILES = {
  "README.md": "# Shop\n",
  "shop/cart.py": `import os


class Cart:
    def total(self, prices, discount, limit=3):
        """Sum of the prices."""
        result = 0
        for price in prices:
            if price > 100:
                result += price - discount
        return result


def cheapest(prices, floor):
    if floor < 10:
        return None
    return min(prices) * 250
`,
  "web/label.ts": `export function label(name: string, width: number): string {
  if (width < 12) {
    return name;
  }
  return name.padEnd(120);
}

export const count = (list: number[]): number => {
  return list.length;
};
`,
  "pkg/sum.go": `package pkg

// Sum adds what is large enough.
func Sum(values []int, name string) (int, error) {
	total := 0
	for _, value := range values {
		if value > 200 {
			total += value
		}
	}
	return total, nil
}
`,
  "lib/one.rb": "class One\n  def go(list)\n    list.first\n  end\nend\n",
};
const SUBJECTS = [
  ["Cart.total", "shop/cart.py"],
  ["cheapest", "shop/cart.py"],
  ["label", "web/label.ts"],
  ["count", "web/label.ts"],
  ["Sum", "pkg/sum.go"],
  ["One.go", "lib/one.rb"],
] as const;

const SANDBOX = { memoryMb: 512, processes: 16, diskMb: 20, fileMb: 10 };
const LIMITS = configSchema.parse({}).rollout;
const METER = { reserve: () => Promise.resolve(), settle: () => Promise.resolve(), release: () => Promise.resolve() };
const CLOCK = { now: () => Date.now(), sleep: () => Promise.resolve() };

let folder = "";
let provider: SandboxProvider;
let base: BaseSnapshot;
beforeAll(async () => {
  folder = temporaryFolder();
  provider = createVirtualBashProvider({ threads: 1 });
  base = await provider.prepare({ source: memorySource(FILES), directory: folder, install: [], timeoutMs: 60_000, limits: SANDBOX });
});
afterAll(async () => {
  await provider.close();
  removeFolderSync(folder);
});

function memoryJournal(): Journal {
  const entries: JournalEntry[] = [];
  return {
    append(_stream, n, entry) {
      entries[n] = entry;
      return Promise.resolve();
    },
    read: () => Promise.resolve(entries),
    visit: (_stream, see) => Promise.resolve(entries.forEach(see)),
  };
}

interface Stage extends AsyncDisposable {
  readonly rehearsal: RehearsalTeacher;
  readonly teacher: OpenAiTeacher;
  play(id: string, task: Task, more?: { readonly toolset?: "swe-agent" | "mini"; readonly maxCalls?: number }): Promise<Trajectory>;
}

async function stage(options: Partial<RehearsalOptions> = {}, model = "rehearsal"): Promise<Stage> {
  const rehearsal = await startRehearsalTeacher({ seed: 7, ...options });
  const teacher = createOpenAiTeacher({ config: teacherConfig(rehearsal.url, { model }) });
  return {
    rehearsal,
    teacher,
    async play(rolloutId, task, { toolset = "swe-agent", maxCalls = LIMITS.maxCalls } = {}) {
      const spec = {
        rolloutId,
        toolset,
        task,
        limits: { ...LIMITS, maxCalls },
        temperature: 0.6,
        price: { input: 0, output: 0 },
        base,
        sandboxLimits: SANDBOX,
      };
      const done = await runRollout(spec, { teacher, journal: memoryJournal(), meter: METER, clock: CLOCK, sandbox: provider });
      if (done.outcome !== "done") throw new Error(done.outcome);
      return done.trajectory;
    },
    async [Symbol.asyncDispose]() {
      await teacher.close();
      await rehearsal.close();
    },
  };
}

const complaint = (index: number): Extract<Task, { kind: "complaint" }> => {
  const [functionName, path] = SUBJECTS[index % SUBJECTS.length] ?? SUBJECTS[0];
  return {
    kind: "complaint",
    functionName,
    path,
    complaint: `Some part of the program does not do what its users expect (${index}). The cause may lie up- or downstream.`,
  };
};

describe.each(["swe-agent", "mini"] as const)("with the toolset %s", (toolset) => {
  it("goes from complaint to score, with every degree of recall", { timeout: 300_000 }, async () => {
    await using on = await stage();
    const recalls: (number | null)[] = [];
    const steps: number[] = [];
    const verdicts: (string | null)[] = [];
    for (let index = 0; index < 60; index += 1) {
      const task = complaint(index);
      const first = await on.play(`s${index}-first`, task, { toolset });
      expect([index, first.exitStatus, first.rehearsal]).toEqual([index, "submitted", true]);
      expect(first.steps.filter(({ requery }) => requery !== null)).toEqual([]);
      const judged = await on.teacher.chat({
        callId: `s${index}-judge`,
        messages: judgeMessages(task.complaint, first.steps, first.patch, false),
        tools: [],
        temperature: 0.6,
      });
      verdicts.push(outputOf(judged.message.content));
      if (first.patch === "") continue;
      expect(first.patch).toContain(`+++ b/${task.path}\n`);
      expect(first.patch.match(/^diff --git/gm)).toHaveLength(1);
      const asked = describeMessages({
        complaint: task.complaint,
        steps: first.steps,
        patch: first.patch,
        demonstration: "The function `other` in `else/where.py` is slow.",
        isCut: false,
      });
      const written = await on.teacher.chat({ callId: `s${index}-describe`, messages: asked, tools: [], temperature: 0.6 });
      const text = outputOf(written.message.content) ?? "";
      expect(text).toContain(`\`${task.functionName}\``);
      expect(text).toContain(`\`${task.path}\``);
      if (leaks(text, first.patch).length > 0) continue;
      const second = await on.play(`s${index}-second`, { kind: "pull_request", text }, { toolset });
      expect([index, second.exitStatus]).toEqual([index, "submitted"]);
      steps.push(first.steps.length, second.steps.length);
      recalls.push(scorePatches(first.patch, second.patch, "serac").recall);
    }
    const share = (isCounted: (recall: number) => boolean): number =>
      recalls.filter((recall) => recall !== null && isCounted(recall)).length / recalls.length;
    expect(share((recall) => recall === 1)).toBeGreaterThan(0.25);
    expect(share((recall) => recall > 0 && recall < 1)).toBeGreaterThan(0.15);
    expect(share((recall) => recall === 0)).toBeGreaterThan(0.05);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...steps)).toBeLessThanOrEqual(24);
    expect(new Set(steps).size).toBeGreaterThan(6);
    expect(verdicts.filter((verdict) => verdict !== "yes" && verdict !== "no")).toEqual([]);
    const { byPurpose, repeatedKeys, conflictingKeys } = on.rehearsal.stats();
    expect([byPurpose.judge.calls, byPurpose.other.calls, repeatedKeys, conflictingKeys]).toEqual([60, 0, 0, 0]);
    expect(byPurpose.first.calls + byPurpose.second.calls).toBeGreaterThan(600);
  });
});

describe("a rollout", () => {
  const spoken = (trajectory: Trajectory): unknown =>
    trajectory.steps.map(({ reply }) => [reply.content, reply.toolCalls.map((call) => call.arguments)]);

  it("is the same every time, also from another server", async () => {
    await using one = await stage();
    await using other = await stage();
    const [first, second] = [await one.play("a", complaint(0)), await other.play("b", complaint(0))];
    expect(spoken(second)).toEqual(spoken(first));
    expect(second.patch).toBe(first.patch);
  });

  it.each(["bad-arguments", "two-calls", "no-call", "huge-output", "429", "500", "cut-headers", "cut-stream", "not-json"])(
    "comes to the same patch in spite of %s",
    { timeout: 120_000 },
    async (mode) => {
      await using plain = await stage();
      await using faulty = await stage({}, `rehearsal-fault-${mode}`);
      let struck = 0;
      for (const index of [0, 4]) {
        const trajectory = await faulty.play(`f${index}`, complaint(index));
        expect([trajectory.exitStatus, trajectory.patch]).toEqual(["submitted", (await plain.play(`p${index}`, complaint(index))).patch]);
        struck += trajectory.steps.length;
      }
      expect(struck).toBeGreaterThan(8);
      expect(Object.keys(faulty.rehearsal.stats().faults)).toEqual([mode]);
    },
  );

  it("never ends by itself with an endless teacher, and keeps its patch", async () => {
    await using on = await stage({}, "rehearsal-fault-endless");
    const trajectory = await on.play("e", complaint(0), { maxCalls: 30 });
    expect(trajectory.exitStatus).toBe("submitted (exit_cost)");
    expect(trajectory.steps).toHaveLength(30);
  });

  it("ends with exit_context when the teacher's window is too small", async () => {
    await using on = await stage({ contextTokens: 1200 });
    expect((await on.play("c", complaint(0))).exitStatus).toMatch(/^(?:submitted \()?exit_context/);
  });

  it("finds a function of its own when the text names none, and a file without the function gets a remark", async () => {
    await using on = await stage();
    const vague = await on.play("v", { kind: "pull_request", text: "Something is slow somewhere. Please make it better." });
    expect(vague.exitStatus).toBe("submitted");
    const missing = await on.play("m", { kind: "complaint", functionName: "nowhere", path: "pkg/sum.go", complaint: "It is wrong." });
    expect([missing.exitStatus, missing.patch]).toEqual(["submitted", expect.stringMatching(/^\+\/\/ Reviewed: nowhere/m)]);
    const gone = await on.play("g", { kind: "complaint", functionName: "f", path: "not/there.py", complaint: "It is wrong." });
    expect([gone.exitStatus, gone.patch]).toEqual(["submitted", ""]);
  });
});
