import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WORKSPACE, type Checkpoint, type ExecOptions, type Sandbox } from "../../../../core/agent/sandbox.ts";
import { SandboxError } from "../../../../core/errors/index.ts";
import { openLastingSandbox } from "../../../../drivers/tenant-lambda/lasting-sandbox.ts";
import { LostError } from "../../../../drivers/tenant-lambda/lost.ts";

const SHELL: ExecOptions = { timeoutMs: 1_000, shell: "session" };

/** Machines of one number each: a command adds to it, and the patch is its digits. */
interface Machines {
  readonly make: (checkpoint: Checkpoint | undefined) => Promise<Sandbox>;
  readonly made: () => number;
}

interface Trouble {
  /** Asked before and after each thing that a machine does; true: it is lost there. */
  readonly isLost?: (machine: number) => boolean;
  readonly maxCheckpoint?: number;
}

function machines({ isLost = () => false, maxCheckpoint = Number.POSITIVE_INFINITY }: Trouble): Machines {
  let made = 0;
  return {
    made: () => made,
    make(checkpoint) {
      const number = ++made;
      let value = Number(Buffer.from(checkpoint?.patchBase64 ?? "", "base64").toString("latin1") || 0);
      let saved = value;
      let isGone = false;
      const there = async <T>(work: () => T): Promise<T> => {
        await Promise.resolve();
        if (isGone || isLost(number)) {
          isGone = true;
          throw new LostError("the test took it");
        }
        const result = work();
        if (!isLost(number)) return result;
        isGone = true;
        throw new LostError("the test took it, and with it the answer");
      };
      const sandbox: Sandbox = {
        exec: (command) =>
          there(() => {
            value += Number(command);
            return { output: Buffer.from(String(value)), omittedBytes: 0, outcome: "exited", exitCode: 0, restarted: null, durationMs: 0 };
          }),
        writeFile: (_, content) =>
          there(() => {
            value = Number(Buffer.from(content).toString());
            return null;
          }),
        checkpoint: () =>
          there(() => {
            if (value > maxCheckpoint) throw new SandboxError("sandbox_failed", "too large");
            if (value === saved) return null;
            saved = value;
            return { patchBase64: value === 0 ? "" : Buffer.from(String(value)).toString("base64"), cwd: WORKSPACE, env: {} };
          }),
        diff: () => there(() => Buffer.from(String(value))),
        stat: () => there(() => ({ kind: "directory", size: 0 })),
        readFile: () => there(() => Buffer.from(String(value))),
        list: () => there(() => []),
        checkSyntax: () => there(() => null),
        close: () => Promise.resolve(),
      };
      return Promise.resolve(sandbox);
    },
  };
}

const told = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

describe("a sandbox that lasts", () => {
  test("answers the same over machines that vanish anywhere as on one that stays", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("exec" as const), by: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ do: fc.constant("write" as const), by: fc.integer({ min: 1, max: 99 }) }),
      fc.record({ do: fc.constantFrom("diff" as const, "read" as const, "checkpoint" as const), by: fc.constant(0) }),
    );
    let losses = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 20 }),
        // Far enough apart that no request costs two machines, or a command would count as killed.
        fc.infiniteStream(fc.integer({ min: 8, max: 30 })),
        async (steps, gaps) => {
          const fates = gaps[Symbol.iterator]();
          let left = fates.next().value!;
          const isLost = (): boolean => {
            if (--left > 0) return false;
            left = fates.next().value!;
            losses++;
            return true;
          };
          const run = async (trouble: Trouble): Promise<unknown[]> => {
            const sandbox = await openLastingSandbox({ make: machines(trouble).make, checkpoint: undefined });
            const answers: unknown[] = [];
            for (const { do: what, by } of steps) {
              if (what === "exec") answers.push(told((await sandbox.exec(String(by), SHELL)).output));
              else if (what === "write") answers.push(await sandbox.writeFile("/testbed/x", Buffer.from(String(by))));
              else if (what === "diff") answers.push(told(await sandbox.diff(100)));
              else if (what === "read") answers.push(told(await sandbox.readFile("/testbed/x", 100)));
              else answers.push(await sandbox.checkpoint(100));
            }
            return answers;
          };
          expect(await run({ isLost })).toEqual(await run({}));
        },
      ),
      { numRuns: 300 },
    );
    expect(losses).toBeGreaterThan(100);
  });

  test("says once that another machine took the place of one", async () => {
    let isTaken = false;
    const sandbox = await openLastingSandbox({
      make: machines({ isLost: (machine) => isTaken && machine === 1 }).make,
      checkpoint: undefined,
    });
    await sandbox.exec("3", SHELL);
    isTaken = true;
    expect(await sandbox.exec("4", SHELL)).toMatchObject({ restarted: expect.stringMatching(/another one has taken its place/) });
    expect(await sandbox.exec("0", SHELL)).toMatchObject({ output: Buffer.from("7"), restarted: null });
  });

  test("reports a command that ends every machine as killed, with what was there before", async () => {
    const lost = machines({});
    const deadly = await openLastingSandbox({
      checkpoint: undefined,
      make: async (checkpoint) => ({ ...(await lost.make(checkpoint)), exec: () => Promise.reject(new LostError("out of memory")) }),
    });
    expect(await deadly.exec("1", SHELL)).toMatchObject({ outcome: "exited", exitCode: 137, restarted: expect.any(String) });
    expect(lost.made()).toBe(2);
    expect(told(await deadly.diff(100))).toBe("0");
  });

  test("cannot bring back changes that are too large to carry, and says so", async () => {
    let isTaken = false;
    const { make } = machines({ maxCheckpoint: 10, isLost: () => isTaken });
    const sandbox = await openLastingSandbox({ make, checkpoint: undefined });
    await sandbox.exec("11", SHELL);
    await expect(sandbox.checkpoint(1_000)).rejects.toThrow("larger than");
    await sandbox.writeFile("/testbed/x", Buffer.from("9"));
    expect(await sandbox.checkpoint(1_000)).not.toBeNull();
    await sandbox.exec("11", SHELL);
    isTaken = true;
    await expect(sandbox.exec("1", SHELL)).rejects.toThrow("too large to carry");
  });

  test("a machine that does not know its workspace any more is lost as well", async () => {
    const { make, made } = machines({});
    let isBroken = false;
    const sandbox = await openLastingSandbox({
      checkpoint: undefined,
      make: async (checkpoint) => {
        const machine = await make(checkpoint);
        if (made() > 1) return machine;
        const broken = (): Promise<never> => Promise.reject(new SandboxError("sandbox_failed", "The sandbox is closed."));
        return {
          ...machine,
          exec: (...asked) => (isBroken ? broken() : machine.exec(...asked)),
          stat: () => (isBroken ? broken() : machine.stat(WORKSPACE)),
        };
      },
    });
    await sandbox.exec("2", SHELL);
    isBroken = true;
    expect(told((await sandbox.exec("3", SHELL)).output)).toBe("5");
    expect(made()).toBe(2);
  });

  test("gives up when no machine stays long enough", async () => {
    const { make, made } = machines({ isLost: () => true });
    const sandbox = await openLastingSandbox({ make, checkpoint: undefined });
    await expect(sandbox.diff(10)).rejects.toThrow(LostError);
    expect(made()).toBe(3);
  });
});
