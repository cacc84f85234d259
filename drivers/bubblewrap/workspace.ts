import { WORKSPACE, type BaseSnapshot, type OpenOptions, type Sandbox } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { baseFolder, type BaseManifest } from "./base-folder.ts";
import { createChanges, readTrackedPaths, type RunOnControl } from "./changes.ts";
import type { Enforcement } from "./enforcement.ts";
import { createFiles } from "./files.ts";
import { KILL_ALL, startInner, type Answer, type AskOptions, type Inner } from "./inner.ts";
import { startMachine } from "./machine.ts";
import { quote } from "./quote.ts";
import { createSession, type Session, type ShellState } from "./session.ts";
import type { SystemView } from "./system-view.ts";
import type { TrackedPaths } from "./tracked-paths.ts";
import { watchMemory } from "./watchdog.ts";
import { controlView } from "./views.ts";
import { agentPlan, setUpWorkspace } from "./workspace-machine.ts";

/** What control and the clerk need for their own work, near the limit. */
const SPARE_PROCESSES = 6;

export interface WorkspaceDeps {
  readonly system: SystemView;
  readonly enforcement: Enforcement;
  readonly scratch: string;
  readonly allowOverlay: boolean;
  /** Shared by all workspaces on one base; `read` is called once. */
  readonly trackedPaths: (base: BaseSnapshot, read: () => Promise<TrackedPaths>) => Promise<TrackedPaths>;
}

/** One rollout's machine: outer wall, inner wall, the agent's shell, and what they have changed. */
export async function openWorkspace(
  base: BaseSnapshot,
  manifest: BaseManifest,
  options: OpenOptions,
  deps: WorkspaceDeps,
): Promise<Sandbox> {
  const { limits, checkpoint } = options;
  const group = deps.enforcement.groups?.create(limits) ?? null;
  const machine = await startMachine({
    view: controlView(deps.system, baseFolder(base.directory), "reads"),
    network: false,
    joinFiles: group?.joinFiles ?? [],
    scratch: deps.scratch,
    ...(options.signal && { signal: options.signal }),
  }).catch(async (error: unknown) => {
    await group?.remove();
    throw error;
  });
  const watchdog =
    deps.enforcement.memory === "watchdog"
      ? watchMemory(machine.processId, limits.memoryMb * 1_048_576, (pid) => machine.shells.control.send(`kill -9 ${pid}`))
      : null;

  let inner: Inner | null = null;
  let session: Session | null = null;
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    watchdog?.stop();
    await machine.kill();
    await group?.remove();
  }

  /** Before control starts programs, it makes room: processes of the agent's must not keep it from its work. */
  const runOnControl: RunOnControl = async (script, runOptions) => {
    const result = await machine.run(unlessCrowded(script, limits.processes), runOptions);
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

  try {
    const setUp = await machine.run(setUpWorkspace(manifest, limits, deps.enforcement, deps.allowOverlay));
    const mode = setUp.output.toString("utf8").trim().split("\n").at(-1);
    if (setUp.status !== 0 || (mode !== "overlay" && mode !== "clone")) {
      throw new SandboxError("sandbox_failed", `The workspace could not be made: ${setUp.output.toString("utf8").trim()}`);
    }
    const changes = createChanges({
      run: runOnControl,
      mode,
      baseCommit: base.baseCommit,
      tracked: () => deps.trackedPaths(base, () => readTrackedPaths(runOnControl)),
    });
    if (checkpoint || mode === "clone") await changes.restore(Buffer.from(checkpoint?.patchBase64 ?? "", "base64"));
    inner = await startInner(machine, agentPlan(deps.system, manifest, limits, deps.enforcement), () => session?.fail());
    session = createSession(machine.shells.session, inner, recover);
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
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const CROWDED = 75;

/** Counts processes without starting one. */
function unlessCrowded(script: string, limit: number): string {
  return `crowded() { return ${CROWDED}; }; set -- /proc/[0-9]*; if (($# > ${limit - SPARE_PROCESSES})); then ${KILL_ALL}; crowded; else set --\n${script}\nfi`;
}

const stateText = (state: ShellState): string => JSON.stringify(state);

function presentVariables(state: ShellState): Record<string, string> {
  return Object.fromEntries(Object.entries(state.env).filter((entry): entry is [string, string] => entry[1] !== null));
}
