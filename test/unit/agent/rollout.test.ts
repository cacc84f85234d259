import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_REQUERIES } from "../../../core/agent/decide.ts";
import { runRollout } from "../../../core/agent/rollout.ts";
import type { RolloutDeps, RolloutSpec } from "../../../core/agent/rollout-spec.ts";
import type { BaseSnapshot, Sandbox } from "../../../core/agent/sandbox.ts";
import { ConflictError, PausedError, SandboxError, TeacherError } from "../../../core/errors/index.ts";
import { LIMITS } from "./support/limits.ts";
import { call, ledger, memoryJournal, scriptedTeacher, steppedClock, type Script } from "./support/platform.ts";
import { SANDBOX_LIMITS, workbench } from "./support/repository.ts";

const bench = workbench();
afterAll(() => bench.close());
let base: BaseSnapshot;
beforeAll(async () => {
  base = await bench.prepare({ "a.py": "def a():\n    return 1\n", "tests/test_a.py": "pass\n" });
});

const PRICE = { input: 1, cachedInput: 0.1, output: 2 };
const edit = { command: "str_replace", path: "/testbed/a.py", old_str: "return 1", new_str: "return 2" };

function setUp(script: Script, changes: { spec?: Partial<RolloutSpec>; deps?: Partial<RolloutDeps> } = {}) {
  const teacher = scriptedTeacher(script);
  const journal = memoryJournal();
  const meter = ledger();
  const clock = steppedClock();
  const task = { kind: "pull_request", text: "Return two." } as const;
  const spec: RolloutSpec = {
    rolloutId: "r",
    toolset: "swe-agent",
    task,
    limits: LIMITS,
    temperature: 0.6,
    price: PRICE,
    base,
    sandboxLimits: SANDBOX_LIMITS,
    ...changes.spec,
  };
  const deps: RolloutDeps = { teacher, sandbox: bench.provider, journal, meter, clock, random: () => 0.5, ...changes.deps };
  return { teacher, journal, meter, clock, spec, deps, run: () => runRollout(spec, deps) };
}

async function finished(setup: { run: () => ReturnType<typeof runRollout> }) {
  const result = await setup.run();
  if (result.outcome !== "done") throw new Error("the rollout did not end");
  return result.trajectory;
}

/** Each call of the list once, then submit for ever. */
const scripted =
  (...replies: readonly (readonly ReturnType<typeof call>[])[]): Script =>
  (n) => ({ toolCalls: replies[n] ?? [call("submit", {})] });

const failing = (error: () => Error, times: number): Script => {
  let left = times;
  return () => {
    if (left-- > 0) throw error();
    return { toolCalls: [call("submit", {})] };
  };
};

const overflow: Script = (n) => {
  if (n === 1) throw new TeacherError("teacher_context_overflow", "too long", { status: 400 });
  return { toolCalls: [call("str_replace_editor", edit)] };
};

/** A rollout whose second call is broken off, once. */
const abort = (when: "call" | "command") => {
  const controller = new AbortController();
  let isDone = false;
  const setup = setUp(
    (n) => {
      if (when === "call" && n === 1 && !isDone) {
        isDone = true;
        controller.abort();
        throw new TeacherError("teacher_connection", "aborted");
      }
      if (when === "command" && n === 1 && !isDone) {
        isDone = true;
        setTimeout(() => controller.abort(), 50);
        return { toolCalls: [call("bash", { command: "while true; do :; done" })] };
      }
      return { toolCalls: [n === 0 ? call("str_replace_editor", edit) : call("submit", {})] };
    },
    { spec: { limits: { ...LIMITS, commandSeconds: 0.5 } } },
  );
  return { setup, controller };
};

const dyingAfter = (calls: number) => ({
  ...bench.provider,
  open: async (...args: Parameters<typeof bench.provider.open>): Promise<Sandbox> => {
    const sandbox = await bench.provider.open(...args);
    let left = calls;
    const guard =
      <A extends unknown[], R>(work: (...given: A) => Promise<R>) =>
      (...given: A): Promise<R> =>
        left <= 0 ? Promise.reject(new SandboxError("sandbox_failed", "the machine is gone")) : work(...given);
    return {
      ...sandbox,
      exec: (...given) => {
        left -= 1;
        return guard(sandbox.exec.bind(sandbox))(...given);
      },
      stat: guard(sandbox.stat.bind(sandbox)),
      diff: guard(sandbox.diff.bind(sandbox)),
      checkpoint: guard(sandbox.checkpoint.bind(sandbox)),
      checkSyntax: sandbox.checkSyntax.bind(sandbox),
      readFile: sandbox.readFile.bind(sandbox),
      writeFile: sandbox.writeFile.bind(sandbox),
      list: sandbox.list.bind(sandbox),
      close: sandbox.close.bind(sandbox),
    };
  },
});

describe("a rollout", () => {
  it("goes from prompt to submission and tells everything of it", async () => {
    const setup = setUp(scripted([call("bash", { command: "cat a.py" })], [call("str_replace_editor", edit)]));
    const trajectory = await finished(setup);
    expect(trajectory.exitStatus).toBe("submitted");
    expect(trajectory.patch).toContain("+    return 2\n");
    expect(trajectory.steps).toHaveLength(4);
    expect(trajectory.steps[0]!.observations[0]!.content).toContain("return 1");
    expect(trajectory.steps.at(-1)!.observations[0]!.content).toBe(`OBSERVATION:\n${trajectory.patch}`);
    expect(trajectory.prompt.map((message) => message.role)).toEqual(["system", "user"]);
    expect(trajectory.usage).toEqual({ inputTokens: 400, cachedInputTokens: 160, outputTokens: 40 });
    // 60 fresh + 40 cached at a tenth + 10 out at double.
    expect(trajectory.costMicroUsd).toBe(4 * (60 + 4 + 20));
    expect([...setup.meter.settled.values()]).toEqual([84, 84, 84, 84]);
    expect(setup.meter.reserved.size).toBe(0);
  });

  it("sends what the teacher needs, call ids that name the call, and a message for every tool call", async () => {
    const setup = setUp(scripted([call("bash", { command: "ls" })]), { spec: { maxOutputTokens: 99 } });
    await finished(setup);
    expect(setup.teacher.requests.map((request) => request.callId)).toEqual(["r/0", "r/1", "r/2"]);
    const last = setup.teacher.requests.at(-1)!;
    expect(last).toMatchObject({ temperature: 0.6, maxOutputTokens: 99 });
    expect(last.tools.map((tool) => tool.name)).toEqual(["bash", "str_replace_editor", "submit"]);
    expect(last.messages.map((message) => message.role)).toEqual(["system", "user", "assistant", "tool", "assistant", "tool"]);
  });

  it("returns an ended rollout at once and pays nothing for it", async () => {
    const setup = setUp(scripted());
    const first = await finished(setup);
    const paid = setup.teacher.requests.length;
    expect(await finished(setup)).toEqual(first);
    expect(setup.teacher.requests).toHaveLength(paid);
  });

  it("journals a reply before it acts on it", async () => {
    const setup = setUp(scripted([call("bash", { command: "echo ran > ran.txt" })]));
    let isDead = false;
    const journal = setup.journal;
    const provider = {
      ...bench.provider,
      open: () => {
        isDead = true;
        return Promise.reject(new SandboxError("sandbox_failed", "no room"));
      },
    };
    await expect(runRollout(setup.spec, { ...setup.deps, sandbox: provider })).rejects.toThrow("no room");
    expect(isDead).toBe(true);
    expect(journal.streams.get("r")!.map((entry) => entry.type)).toEqual(["start", "reply"]);
    expect((await finished(setup)).exitStatus).toBe("submitted");
    expect(setup.teacher.answered.get("r/0")).toBe(1);
  });

  it("works with the mini toolset, several calls a reply", async () => {
    const sed = call("bash", { command: "sed -i s/1/2/ a.py" });
    const script: Script = (n) =>
      n === 0
        ? { toolCalls: [sed, call("bash", { command: "cat a.py" })] }
        : { toolCalls: [call("bash", { command: "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT" })] };
    const trajectory = await finished(setUp(script, { spec: { toolset: "mini" } }));
    expect(trajectory.exitStatus).toBe("submitted");
    expect(trajectory.steps[0]!.observations).toHaveLength(2);
    expect(trajectory.steps[0]!.observations[1]!.content).toContain("return 2");
    expect(trajectory.patch).toContain("+    return 2");
  });
});

describe("limits", () => {
  it("ends after three requeries in a row, but not after three apart", async () => {
    const bad = [call("bash", "{")];
    const good = [call("bash", { command: "ls" })];
    const inARow = await finished(setUp(scripted(bad, bad, bad)));
    expect(inARow.exitStatus).toBe("exit_format");
    expect(inARow.steps).toHaveLength(MAX_REQUERIES);
    expect(inARow.steps.every((step) => step.requery !== null && step.observations.length === 0)).toBe(true);
    const apart = await finished(setUp(scripted(bad, bad, good, bad, good)));
    expect(apart.exitStatus).toBe("submitted");
    expect(apart.steps.filter((step) => step.requery !== null)).toHaveLength(3);
  });

  it("counts failed attempts as calls, and names what was left with a patch", async () => {
    const limits = { ...LIMITS, maxCalls: 3 };
    const trajectory = await finished(
      setUp(scripted([call("str_replace_editor", edit)], [call("no", {})], [call("bash", { command: "ls" })]), { spec: { limits } }),
    );
    expect(trajectory.exitStatus).toBe("submitted (exit_cost)");
    expect(trajectory.patch).toContain("+    return 2");
    expect(trajectory.steps).toHaveLength(3);
  });

  it("ends after three commands in a row that ran too long", async () => {
    const slow = [call("bash", { command: "echo started; sleep 60" })];
    const quick = [call("bash", { command: "ls" })];
    const limits = { ...LIMITS, commandSeconds: 0.2 };
    const trajectory = await finished(setUp(scripted(slow, quick, slow, slow, slow), { spec: { limits } }));
    expect(trajectory.exitStatus).toBe("exit_command_timeout");
    expect(trajectory.steps).toHaveLength(5);
    expect(trajectory.steps.at(-1)!.observations[0]).toMatchObject({ timedOut: true });
  });

  it("ends when commands ran too long in all", async () => {
    const slow = [call("bash", { command: "sleep 60" })];
    const limits = { ...LIMITS, commandSeconds: 0.3, totalCommandSeconds: 0.4 };
    const trajectory = await finished(setUp(scripted(slow, slow, slow), { spec: { limits } }));
    expect(trajectory.exitStatus).toBe("exit_total_execution_time");
    expect(trajectory.steps).toHaveLength(2);
  });

  it("ends at the context limit: as the teacher says it, and when a call went over it", async () => {
    const told = setUp(overflow);
    expect((await finished(told)).exitStatus).toBe("submitted (exit_context)");
    expect(told.meter.reserved.size).toBe(0);
    const counted = await finished(
      setUp(scripted([call("bash", { command: "ls" })]), { spec: { limits: { ...LIMITS, contextTokens: 105 } } }),
    );
    expect(counted.exitStatus).toBe("exit_context");
    expect(counted.steps).toHaveLength(1);
  });

  it("ends as given up on exit_forfeit", async () => {
    expect((await finished(setUp(scripted([call("bash", { command: "exit_forfeit" })])))).exitStatus).toBe("exit_forfeit");
  });
});

describe("a reply", () => {
  it("that broke off at the length limit is told so", async () => {
    const setup = setUp((n) =>
      n === 0 ? { toolCalls: [call("bash", '{"command": "ec')], finishReason: "length" } : { toolCalls: [call("submit", {})] },
    );
    expect((await finished(setup)).steps[0]!.requery).toMatch(/^Your last reply was cut off .*not valid JSON/);
  });

  it("keeps what the model wrote, reasoning and broken arguments included", async () => {
    const broken = { id: "", name: "bash", arguments: '{"command":' };
    const setup = setUp((n) =>
      n === 0 ? { reasoning: "hm", content: "text", toolCalls: [broken, broken] } : { toolCalls: [call("submit", {})] },
    );
    const [first] = (await finished(setup)).steps;
    expect(first!.reply).toMatchObject({ reasoning: "hm", content: "text" });
    expect(first!.reply.toolCalls.map((each) => each.arguments)).toEqual([broken.arguments, broken.arguments]);
    expect(new Set(first!.reply.toolCalls.map((each) => each.id)).size).toBe(2);
  });
});

it("a rollout is not gone on with under another toolset", async () => {
  const setup = setUp(scripted());
  await finished(setup);
  await expect(runRollout({ ...setup.spec, toolset: "mini" }, setup.deps)).rejects.toMatchObject({ code: "state_conflict" });
});

describe("a teacher in trouble", () => {
  it("is asked again under the same call id, the reservation released where nothing can have been billed", async () => {
    const setup = setUp(failing(() => new TeacherError("teacher_rate_limit", "slow down", { status: 429, retryAfterMs: 7000 }), 2));
    expect((await finished(setup)).exitStatus).toBe("submitted");
    expect(setup.meter.tries.get("r/0")).toBe(3);
    expect(setup.clock.slept).toEqual([7500, 8000]);
    expect(setup.meter.settled.size).toBe(2);
  });

  it("ends the rollout as exit_api once retries are used up; what may have been billed stays reserved", async () => {
    const setup = setUp(
      failing(() => new TeacherError("teacher_server", "broken", { status: 500 }), 99),
      {
        deps: { retry: { attempts: 3, totalMs: 1e6, baseMs: 10, maxDelayMs: 100 } },
      },
    );
    expect(await finished(setup)).toMatchObject({ exitStatus: "exit_api", detail: "broken" });
    expect(setup.meter.tries.get("r/0")).toBe(3);
    expect([...setup.meter.reserved.keys()]).toEqual(["r/0"]);
  });

  it("ends the rollout without a retry on a 400", async () => {
    const setup = setUp(failing(() => new TeacherError("teacher_rejected", "no such field", { status: 400 }), 99));
    expect((await finished(setup)).exitStatus).toBe("exit_api");
    expect(setup.teacher.requests).toHaveLength(1);
    expect(setup.meter.reserved.size).toBe(0);
  });

  it("is the run's trouble where key or model are wrong: thrown, nothing journaled", async () => {
    for (const code of ["teacher_auth", "teacher_model_unknown", "teacher_tls"] as const) {
      const setup = setUp(failing(() => new TeacherError(code, "no"), 1));
      await expect(setup.run()).rejects.toMatchObject({ code });
      expect(setup.journal.streams.get("r")!.map((entry) => entry.type)).toEqual(["start"]);
      expect(setup.meter.reserved.size).toBe(0);
      expect((await finished(setup)).exitStatus).toBe("submitted");
    }
  });
});

describe("stopping", () => {
  it("begins nothing after the deadline, also no wait that would end after it", async () => {
    const setup = setUp(scripted([call("bash", { command: "ls" })]));
    const late = { ...setup.deps, deadlineMs: setup.clock.now() + 4 };
    expect(await runRollout(setup.spec, late)).toEqual({ outcome: "continue" });
    const waiting = setUp(() => {
      throw new TeacherError("teacher_rate_limit", "slow down", { retryAfterMs: 60_000 });
    });
    expect(await runRollout(waiting.spec, { ...waiting.deps, deadlineMs: waiting.clock.now() + 1000 })).toEqual({ outcome: "continue" });
    expect(waiting.clock.slept).toEqual([]);
    expect((await finished(setup)).exitStatus).toBe("submitted");
  });

  it("goes on after an abort in a call, in a wait or in a command", async () => {
    for (const when of ["call", "command"] as const) {
      const { setup, controller } = abort(when);
      expect(await runRollout(setup.spec, { ...setup.deps, signal: controller.signal })).toEqual({ outcome: "continue" });
      const trajectory = await finished(setup);
      expect(trajectory.exitStatus).toBe("submitted");
      expect(trajectory.patch).toContain("+    return 2");
      expect([...setup.teacher.answered.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it("passes the budget's end on and can go on after it", async () => {
    const setup = setUp(scripted([call("bash", { command: "ls" })]));
    const poor = ledger(200);
    await expect(runRollout(setup.spec, { ...setup.deps, meter: poor })).rejects.toBeInstanceOf(PausedError);
    expect((await finished(setup)).exitStatus).toBe("submitted");
  });

  it("never goes on beside another worker", async () => {
    const setup = setUp(scripted([call("bash", { command: "ls" })]));
    const other = setUp((n) => {
      // The other worker journals this very call while we wait for the teacher.
      if (n === 0) setup.journal.streams.get("r")!.push({ type: "requery", at: "", content: "theirs" });
      return { toolCalls: [call("submit", {})] };
    });
    await expect(runRollout(setup.spec, { ...setup.deps, teacher: other.teacher })).rejects.toBeInstanceOf(ConflictError);
  });
});

describe("a sandbox that dies", () => {
  it("ends the rollout with the patch of the last checkpoint", async () => {
    const ls = [call("bash", { command: "ls" })];
    const with1 = setUp(scripted([call("str_replace_editor", edit)], ls, ls), { deps: { sandbox: dyingAfter(2) } });
    const trajectory = await finished(with1);
    expect(trajectory.exitStatus).toBe("submitted (exit_environment_error)");
    expect(trajectory.patch).toContain("+    return 2");
    const without = setUp(scripted(ls), { deps: { sandbox: dyingAfter(1) } });
    expect(await finished(without)).toMatchObject({ exitStatus: "exit_environment_error", patch: "", detail: "the machine is gone" });
  });
});
