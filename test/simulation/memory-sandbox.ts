import { posix } from "node:path";
import { type Checkpoint, type Sandbox, type SandboxProvider, WORKSPACE } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import type { Machine } from "./machine.ts";
import { diffOf, filesAfter, originalText } from "./memory-files.ts";

const OPEN_MS = 400;
const TRIP_MS = 12;
const COMMAND_MS = 150;

/** As much of a sandbox as the editor and `cat` take; each lives in the machine that opened it, and dies with it. */
export function sandboxFor(machine: Machine): SandboxProvider {
  return {
    name: "microvm",
    notes: [],
    prepare: () => Promise.reject(new SandboxError("sandbox_failed", "the simulation has its base already")),
    open: (_, { checkpoint }) => machine.ask(OPEN_MS, () => workspace(machine, checkpoint)),
    close: () => Promise.resolve(),
  };
}

function workspace(machine: Machine, from: Checkpoint | undefined): Sandbox {
  const changed = from === undefined ? new Map<string, string>() : filesAfter(Buffer.from(from.patchBase64, "base64").toString());
  let kept = diff();

  function diff(): string {
    return [...changed]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, text]) => (text === originalText(path) ? "" : diffOf(path, originalText(path) ?? "", text)))
      .join("");
  }
  const inside = (path: string): string => posix.relative(WORKSPACE, path);
  const textOf = (path: string): string | null => changed.get(inside(path)) ?? originalText(inside(path));

  return {
    exec: (command) =>
      machine.ask(COMMAND_MS, () => ({
        output: Buffer.from(textOf(command.replace("cat ", "")) ?? `${command}: not found\n`),
        omittedBytes: 0,
        outcome: "exited",
        exitCode: 0,
        restarted: null,
        durationMs: COMMAND_MS,
      })),
    checkSyntax: () => Promise.resolve(null),
    stat: (path) =>
      machine.ask(TRIP_MS, () => {
        if (path === WORKSPACE) return { kind: "directory", size: 0 };
        const text = textOf(path);
        return text === null ? null : { kind: "file", size: text.length };
      }),
    readFile: (path) =>
      machine.ask(TRIP_MS, () => {
        const text = textOf(path);
        return text === null ? null : Buffer.from(text);
      }),
    writeFile: (path, content) =>
      machine.ask(TRIP_MS, () => {
        changed.set(inside(path), Buffer.from(content).toString());
        return null;
      }),
    list: () => Promise.resolve([]),
    diff: () => machine.ask(TRIP_MS, () => Buffer.from(diff())),
    checkpoint: () =>
      machine.ask(TRIP_MS, () => {
        const now = diff();
        if (now === kept) return null;
        kept = now;
        return { patchBase64: Buffer.from(now).toString("base64"), cwd: WORKSPACE, env: {} };
      }),
    close: () => Promise.resolve(),
  };
}
