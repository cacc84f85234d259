import { WORKSPACE, type Checkpoint, type ExecResult, type Sandbox } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { LostError } from "./lost.ts";

export interface LastingOptions {
  /** A machine in the state of the checkpoint, or in the first one. LostError when it is lost while it is made. */
  readonly make: (checkpoint: Checkpoint | undefined) => Promise<Sandbox>;
  readonly checkpoint: Checkpoint | undefined;
}

/** Of a checkpoint that is carried from one machine to the next. */
const MAX_CARRIED_BYTES = 64_000_000;
/** Machines that one request may cost before it is given up. */
const MAX_LOSSES = 3;
/** As a shell reports what SIGKILL ended. */
const KILLED = 128 + 9;

/**
 * One workspace over machines that may vanish at any time. After whatever may have changed it, its state is fetched before the answer is given; so
 * when a machine is lost, the next one begins there and the request that was under way is made again. Nothing that was answered is lost but processes in the
 * background, and nothing is done twice, since a machine reaches nothing but itself.
 */
export async function openLastingSandbox({ make, checkpoint }: LastingOptions): Promise<Sandbox> {
  /** What the next machine begins with. */
  let saved = checkpoint;
  /** As it was told last. */
  let told = textOf(checkpoint);
  let isDirty = false;
  let isCarried = true;
  let explanation: string | null = null;
  let closing: Promise<void> | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let machine: Sandbox | null = await made();

  async function made(): Promise<Sandbox> {
    for (let losses = 1; ; losses++) {
      try {
        return await make(saved);
      } catch (error) {
        if (!(error instanceof LostError) || losses === MAX_LOSSES) throw error;
      }
    }
  }

  /** In turn, on a machine that is there. `lostAgain`: what is answered when a second machine was lost with the request. */
  function onMachine<T>(work: (machine: Sandbox) => Promise<T>, lostAgain?: () => T): Promise<T> {
    const result = turn.then(async () => {
      for (let losses = 1; ; losses++) {
        if (closing !== null) throw new SandboxError("sandbox_failed", "The sandbox is closed.");
        const current = (machine ??= await made());
        try {
          return await work(current);
        } catch (error) {
          if (!(await isLost(current, error))) throw error;
          machine = null;
          void current.close().catch(() => {});
          if (!isCarried)
            throw new SandboxError("sandbox_failed", "The sandbox's environment is lost, with changes that were too large to carry.", {
              cause: error,
            });
          isDirty = false;
          explanation = "its machine was lost, and another one has taken its place";
          if (losses > 1 && lostAgain !== undefined) return lostAgain();
          if (losses === MAX_LOSSES) throw error;
        }
      }
    });
    turn = result.catch(() => {});
    return result;
  }

  /** Fetches what changed. Too much to be carried is no error before it has to be. */
  async function keep(current: Sandbox): Promise<void> {
    try {
      saved = (await current.checkpoint(MAX_CARRIED_BYTES)) ?? saved;
      isDirty = false;
      isCarried = true;
    } catch (error) {
      if (!(error instanceof SandboxError) || (await isLost(current, error))) throw error;
      isCarried = false;
    }
  }

  function changing<T>(work: (current: Sandbox) => Promise<T>, lostAgain?: () => T): Promise<T> {
    return onMachine(async (current) => {
      isDirty = true;
      const result = await work(current);
      await keep(current);
      return result;
    }, lostAgain);
  }

  const killed = (): ExecResult => ({
    output: new Uint8Array(),
    omittedBytes: 0,
    outcome: "exited",
    exitCode: KILLED,
    restarted: null,
    durationMs: 0,
  });

  return {
    async exec(command, options) {
      const result = await changing((current) => current.exec(command, options), killed);
      const before = explanation;
      explanation = null;
      return { ...result, restarted: result.restarted ?? before };
    },
    writeFile: (path, content) => changing((current) => current.writeFile(path, content)),
    checkSyntax: (command) => onMachine((current) => current.checkSyntax(command)),
    stat: (path) => onMachine((current) => current.stat(path)),
    readFile: (path, maxBytes) => onMachine((current) => current.readFile(path, maxBytes)),
    list: (path, depth, limit) => onMachine((current) => current.list(path, depth, limit)),
    diff: (maxBytes) => onMachine((current) => current.diff(maxBytes)),
    checkpoint: (maxBytes) =>
      onMachine(async (current) => {
        if (isDirty || !isCarried) await keep(current);
        const bytes = Buffer.byteLength(saved?.patchBase64 ?? "", "base64");
        if (!isCarried || bytes > maxBytes)
          throw new SandboxError("sandbox_failed", `The changes of the workspace are larger than ${maxBytes} bytes.`);
        const text = textOf(saved);
        if (text === told) return null;
        told = text;
        return saved ?? FIRST;
      }),
    close: () =>
      (closing ??= (async () => {
        await turn;
        await machine?.close();
      })()),
  };
}

const FIRST: Checkpoint = { patchBase64: "", cwd: WORKSPACE, env: {} };

function textOf(checkpoint: Checkpoint | undefined): string {
  const { patchBase64, cwd, env } = checkpoint ?? FIRST;
  return JSON.stringify([patchBase64, cwd, Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** A machine that cannot say what its workspace is has none any more: a command may have ended the shells that serve it. */
async function isLost(machine: Sandbox, error: unknown): Promise<boolean> {
  if (error instanceof LostError) return true;
  if (!(error instanceof SandboxError)) return false;
  try {
    return (await machine.stat(WORKSPACE)) === null;
  } catch (silence) {
    return silence instanceof SandboxError;
  }
}
