import { WORKSPACE, type Checkpoint, type Sandbox } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { createChanges, readTrackedPaths, type RunOnControl } from "./changes.ts";
import { createFiles } from "./files.ts";
import { startInner, type Answer, type AskOptions, type Inner, type InnerWall } from "./inner.ts";
import type { Machine } from "./machine.ts";
import { quote } from "./quote.ts";
import { createSession, type Session, type ShellState } from "./session.ts";
import type { TrackedPaths } from "./tracked-paths.ts";

/** A machine with a tree at /testbed, in which nobody lives yet. */
export interface Habitat {
  readonly machine: Machine;
  /** See changes.ts. */
  readonly mode: "overlay" | "clone";
  readonly wall: InnerWall;
  readonly baseCommit: string;
  readonly checkpoint?: Checkpoint | undefined;
  readonly tracked: (read: () => Promise<TrackedPaths>) => Promise<TrackedPaths>;
  /** Wraps a script of control's so that it ends with the status CROWDED, and everything of the agent's with it, where there is no room to run it. */
  readonly unlessCrowded: (script: string) => string;
  /** What a folder is called inside, where that is not what the kernel calls it. */
  readonly nameOf?: (folder: string) => string;
  /** Ends the machine. Called once. */
  readonly end: () => Promise<void>;
}

export const CROWDED = 75;

/** The agent's shell in its machine, and what it changes. The caller ends the machine where this throws. */
export async function inhabit(habitat: Habitat): Promise<Sandbox> {
  const { machine, mode, wall, baseCommit, checkpoint, unlessCrowded } = habitat;
  let inner: Inner | null = null;
  let session: Session | null = null;
  let closing: Promise<void> | null = null;

  /** Before control starts programs, it makes room: processes of the agent's must not keep it from its work. */
  const runOnControl: RunOnControl = async (script, runOptions) => {
    const result = await machine.run(unlessCrowded(script), runOptions);
    if (result.status !== CROWDED) return result;
    await recover();
    session?.explain("there were too many processes, and all were killed");
    return await machine.run(script, runOptions);
  };

  async function recover(): Promise<void> {
    if (closing || machine.isGone()) throw new SandboxError("sandbox_failed", "The sandbox is closed.");
    await inner!.restart();
    await session!.start();
  }

  async function ask(script: string, askOptions?: AskOptions): Promise<Answer> {
    for (let attempt = 1; attempt <= 2; attempt++) {
      if (inner!.isDown()) await recover();
      const answer = await inner!.ask(script, askOptions);
      if (answer) return answer;
      await recover();
    }
    throw new SandboxError("sandbox_failed", "The sandbox does not answer.");
  }

  const changes = createChanges({
    run: runOnControl,
    mode,
    baseCommit,
    tracked: () => habitat.tracked(() => readTrackedPaths(runOnControl)),
  });
  if (checkpoint || mode === "clone") await changes.restore(Buffer.from(checkpoint?.patchBase64 ?? "", "base64"));
  inner = await startInner(machine, wall, () => session?.fail());
  session = createSession(machine.shells.session, inner, recover, habitat.nameOf);
  // git keeps no empty folders, and the shell may have been in one.
  if (checkpoint?.cwd.startsWith(`${WORKSPACE}/`)) await ask(`mkdir -p -- ${quote(checkpoint.cwd)}`);
  await session.start(checkpoint ? { cwd: checkpoint.cwd, env: checkpoint.env } : undefined);
  const files = createFiles(ask);
  let savedState = stateText(session.state());
  let savedPatch = checkpoint?.patchBase64 ?? "";
  const open = session;
  let turn: Promise<unknown> = Promise.resolve();
  /** The shells take one request at a time; callers need not know. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(() => {
      if (closing || machine.isGone()) throw new SandboxError("sandbox_failed", "The sandbox is closed.");
      return work();
    });
    turn = result.catch(() => {});
    return result;
  };

  return {
    exec: (command, execOptions) => inTurn(() => open.exec(command, execOptions)),
    checkSyntax: (command) => inTurn(() => files.checkSyntax(command)),
    stat: (path) => inTurn(() => files.stat(path)),
    readFile: (path, maxBytes) => inTurn(() => files.readFile(path, maxBytes)),
    writeFile: (path, content) => inTurn(() => files.writeFile(path, content)),
    list: (path, depth, limit) => inTurn(() => files.list(path, depth, limit)),
    diff: (maxBytes) => inTurn(() => changes.diff(maxBytes)),
    checkpoint: (maxBytes) =>
      inTurn(async () => {
        const patch = await changes.patchIfChanged(maxBytes);
        const state = open.state();
        const text = stateText(state);
        if (!patch && text === savedState) return null;
        savedState = text;
        if (patch) savedPatch = patch.toString("base64");
        return { patchBase64: savedPatch, cwd: state.cwd, env: presentVariables(state) };
      }),
    close: () => (closing ??= habitat.end()),
  };
}

const stateText = (state: ShellState): string => JSON.stringify(state);

function presentVariables(state: ShellState): Record<string, string> {
  return Object.fromEntries(Object.entries(state.env).filter((entry): entry is [string, string] => entry[1] !== null));
}
