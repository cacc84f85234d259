import { SandboxError } from "../errors/index.ts";
import type { Clock } from "../errors/clock.ts";
import { patchText, readPatch, unlessTooLarge } from "./patch-text.ts";
import type { BaseSnapshot, Checkpoint, Sandbox, SandboxLimits, SandboxProvider } from "./sandbox.ts";
import type { Session } from "./session.ts";
import type { RolloutLimits, Toolset } from "./toolset.ts";

/** Of the checkpoint's patch; larger changes are repeated on replay instead of carried along. */
const MAX_CHECKPOINT_BYTES = 8_000_000;
const REOPEN_AFTER_MS = 500;

export interface WorkspaceOptions {
  readonly provider: SandboxProvider;
  readonly base: BaseSnapshot;
  readonly sandboxLimits: SandboxLimits;
  readonly limits: RolloutLimits;
  readonly toolset: Toolset;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A rollout's sandbox, opened when it is first needed and then in the state that the journal describes. */
export interface Workspace {
  /** SandboxError when it cannot be opened or restored. */
  open(session: Session): Promise<Sandbox>;
  /** The checkpoint of what changed since the last one, `uncarried` when that is too large, null when nothing did. */
  checkpoint(): Promise<Checkpoint | "uncarried" | null>;
  /** Text of the whole change; from the last checkpoint where the machine is gone. The note says why it is missing. */
  patch(session: Session): Promise<{ readonly text: string; readonly note: string | null }>;
  close(): Promise<void>;
}

export function openingWorkspace(options: WorkspaceOptions): Workspace {
  const { provider, base, sandboxLimits, clock, signal } = options;
  let sandbox: Sandbox | null = null;

  async function start(session: Session): Promise<Sandbox> {
    const checkpoint = session.checkpoint ?? undefined;
    const openOnce = () => provider.open(base, { limits: sandboxLimits, checkpoint, signal });
    try {
      return await openOnce();
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      await clock.sleep(REOPEN_AFTER_MS, signal);
      return openOnce();
    }
  }

  const workspace: Workspace = {
    async open(session) {
      if (sandbox !== null) return sandbox;
      sandbox = await start(session);
      await repeatCalls(sandbox, session, options);
      return sandbox;
    },

    async checkpoint() {
      const machine = sandbox!;
      const taken = await unlessTooLarge(machine, () => machine.checkpoint(MAX_CHECKPOINT_BYTES));
      return taken === "too large" ? "uncarried" : taken;
    },

    async patch(session) {
      if (sandbox === null && session.checkpoint === null && !session.isUncarried) return { text: "", note: null };
      try {
        const text = await readPatch(await workspace.open(session));
        return text === null ? { text: "", note: "The change is too large to keep." } : { text, note: null };
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        if (session.isUncarried) return { text: "", note: "The change was lost with the sandbox." };
        const carried = session.checkpoint?.patchBase64 ?? "";
        return { text: patchText(Buffer.from(carried, "base64")), note: null };
      }
    },

    async close() {
      const machine = sandbox;
      sandbox = null;
      await machine?.close();
    },
  };
  return workspace;
}

/** Brings back a change that no checkpoint could carry, by running its calls again. Their observations are journaled already. */
async function repeatCalls(sandbox: Sandbox, session: Session, { toolset, limits, signal }: WorkspaceOptions): Promise<void> {
  if (!session.isUncarried) return;
  for (const past of session.sinceCheckpoint) {
    const parsed = toolset.parse(session.steps[past.step]!.reply);
    const call = parsed.kind === "calls" ? parsed.calls[past.call] : undefined;
    if (call === undefined) continue;
    signal?.throwIfAborted();
    await toolset.execute(call, { sandbox, state: past.stateBefore, limits, signal });
  }
}
