import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Journal } from "../../../core/agent/journal.ts";
import { runRollout } from "../../../core/agent/rollout.ts";
import type { RolloutDeps, RolloutSpec } from "../../../core/agent/rollout-spec.ts";
import type { BaseSnapshot, Sandbox, SandboxProvider } from "../../../core/agent/sandbox.ts";
import { foldJournal } from "../../../core/agent/session.ts";
import { sweAgent } from "../../../core/agent/toolsets/swe-agent/index.ts";
import type { Trajectory } from "../../../core/agent/trajectory.ts";
import { SandboxError } from "../../../core/errors/index.ts";
import { LIMITS } from "./support/limits.ts";
import { ledger, memoryJournal, scriptedTeacher, steppedClock, type Ledger, type Script } from "./support/platform.ts";
import { SANDBOX_LIMITS, workbench } from "./support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());
let base: BaseSnapshot;
beforeAll(async () => {
  base = await bench.prepare({ "a.txt": "one\ntwo\nthree\n", "src/b.txt": "b\n" });
});

class Crash extends Error {}

const bash = (command: string) => ({ name: "bash", args: { command } });
const editor = (args: Record<string, unknown>) => ({ name: "str_replace_editor", args: { path: "/testbed/a.txt", ...args } });
const action = fc.constantFrom(
  bash("cd src && export COUNT=1$COUNT"),
  bash("echo $COUNT >> /testbed/a.txt; pwd"),
  bash("cat /testbed/a.txt"),
  bash("mkdir -p new && echo x >> new/file.txt"),
  bash("git checkout -- /testbed/a.txt; git diff"),
  bash("if then"),
  editor({ command: "str_replace", old_str: "two", new_str: "2" }),
  editor({ command: "str_replace", old_str: "2\n", new_str: "two\nmore\n" }),
  editor({ command: "insert", insert_line: 1, new_str: "inserted" }),
  editor({ command: "undo_edit" }),
  editor({ command: "create", path: "/testbed/made.txt", file_text: "made" }),
  { name: "submit", args: {} },
  { name: "nothing", args: {} },
);

const crash = fc.record({ afterWrites: fc.nat(9), isBefore: fc.boolean(), where: fc.constantFrom("journal", "meter") });

/** Dies at one write: before it reached the disk, or right after. A paid reply is only ever lost after it was written. */
function crashingJournal(journal: Journal, plan: { afterWrites: number; isBefore: boolean }): Journal {
  let left = plan.afterWrites;
  return {
    read: (streamId) => journal.read(streamId),
    visit: (streamId, see) => journal.visit(streamId, see),
    append: async (streamId, n, entry) => {
      const isLast = left-- === 0;
      if (isLast && plan.isBefore && entry.type !== "reply") throw new Crash();
      await journal.append(streamId, n, entry);
      if (isLast) throw new Crash();
    },
  };
}

function crashingMeter(meter: Ledger, afterSettles: number): Ledger {
  let left = afterSettles;
  return { ...meter, settle: (...given) => (left-- === 0 ? Promise.reject(new Crash()) : meter.settle(...given)) };
}

/** Refuses some checkpoints as too large, so that a resume has to repeat the calls. */
function refusingCheckpoints(provider: SandboxProvider, refused: readonly boolean[]): SandboxProvider {
  return {
    ...provider,
    open: async (...given): Promise<Sandbox> => {
      const sandbox = await provider.open(...given);
      let taken = 0;
      const checkpoint = (maxBytes: number) =>
        refused[taken++ % refused.length] === true
          ? Promise.reject(new SandboxError("sandbox_failed", "too large"))
          : sandbox.checkpoint(maxBytes);
      return { ...sandbox, checkpoint };
    },
  };
}

/** Without what depends on when something ran. */
function timeless(trajectory: Trajectory): unknown {
  const steps = trajectory.steps.map((step) => ({
    ...step,
    at: "",
    observations: step.observations.map((observation) => ({ ...observation, executionMs: 0 })),
  }));
  return { ...trajectory, startedAt: "", endedAt: "", steps };
}

describe("a rollout that crashes at random points", () => {
  it("ends as one that never crashed, and pays no call twice", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 8 }),
        fc.array(crash, { maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
        async (actions, crashes, refused) => {
          const script: Script = (n) => {
            const { name, args } = actions[n] ?? { name: "submit", args: {} };
            return { toolCalls: [{ id: `t${n}`, name, arguments: JSON.stringify(args) }] };
          };
          const spec: RolloutSpec = {
            rolloutId: "r",
            toolset: "swe-agent",
            task: { kind: "pull_request", text: "x" },
            limits: LIMITS,
            temperature: 0,
            price: { input: 1, output: 1 },
            base,
            sandboxLimits: SANDBOX_LIMITS,
          };
          const platform = (): RolloutDeps & { meter: Ledger; teacher: ReturnType<typeof scriptedTeacher> } => ({
            teacher: scriptedTeacher(script),
            sandbox: bench.provider,
            journal: memoryJournal(),
            meter: ledger(),
            clock: steppedClock(),
          });
          const smooth = await runRollout(spec, platform());

          const deps = platform();
          for (const plan of crashes) {
            const dying = {
              ...deps,
              sandbox: refusingCheckpoints(bench.provider, refused),
              journal: plan.where === "journal" ? crashingJournal(deps.journal, plan) : deps.journal,
              meter: plan.where === "meter" ? crashingMeter(deps.meter, plan.afterWrites) : deps.meter,
            };
            await runRollout(spec, dying).catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
          }
          const rough = await runRollout(spec, deps);

          if (smooth.outcome !== "done" || rough.outcome !== "done") throw new Error("a rollout did not end");
          expect(timeless(rough.trajectory)).toEqual(timeless(smooth.trajectory));
          expect([...deps.teacher.answered.values()].every((times) => times === 1)).toBe(true);
          expect([...deps.meter.settled.values()].reduce((sum, each) => sum + each, 0)).toBe(rough.trajectory.costMicroUsd);
          expect(deps.meter.reserved.size).toBe(0);
          // Folding what is journaled gives the session back, whoever reads it.
          const entries = await deps.journal.read("r");
          expect(foldJournal(entries, sweAgent).next).toBe(entries.length);
          expect(foldJournal(entries, sweAgent).steps).toEqual(rough.trajectory.steps);
        },
      ),
      { numRuns: 30 },
    );
  });
});
