import { SandboxError } from "../../core/errors/index.ts";
import { WORKSPACE } from "../../core/agent/sandbox.ts";
import type { Checkpoint, DirectoryEntry, ExecOptions, ExecResult, OpenOptions, Sandbox } from "../../core/agent/sandbox.ts";
import { applyPatch } from "./patch/apply-patch.ts";
import type { BaseTree } from "./tree/base-tree.ts";
import { FileError } from "./tree/file-error.ts";
import { createOverlay } from "./tree/overlay.ts";
import type { Overlay, OverlayLimits } from "./tree/overlay.ts";
import { giveOutputBuffer, readOutput, takeOutputBuffer } from "./worker/output-buffer.ts";
import type { Killed, WorkerPool } from "./worker/pool.ts";
import type { ExecReply, Job, Reply, WorkspaceState } from "./worker/protocol.ts";

/** Changed files live in memory, so the disk limit is held down to this. */
const MAX_DISK_MB = 256;
const MAX_ENTRIES = 100_000;
/** Between asking a command to stop and ending its thread. */
const GRACE_MS = 1000;
const PATCH_LIMIT_MS = 120_000;
const SYNTAX_LIMIT_MS = 10_000;
const MB = 1_000_000;

export interface WorkspaceSetup {
  readonly base: BaseTree;
  readonly baseDirectory: string;
  readonly pool: WorkerPool;
  readonly options: OpenOptions;
}

/** One rollout's files and shell state. The state lives here; threads get it for one job and hand it back. */
export function openWorkspace({ base, baseDirectory, pool, options }: WorkspaceSetup): Sandbox {
  const diskMb = Math.min(options.limits.diskMb, MAX_DISK_MB);
  const limits: OverlayLimits = {
    maxBytes: diskMb * MB,
    maxFileBytes: Math.min(options.limits.fileMb, diskMb) * MB,
    maxEntries: MAX_ENTRIES,
  };
  let overlay: Overlay | null = createOverlay(base, new Map(), limits);
  let cwd = WORKSPACE;
  let env: Readonly<Record<string, string>> = {};
  let last: Checkpoint = { patchBase64: "", cwd, env };
  if (options.checkpoint !== undefined) restore(options.checkpoint);

  function restore(checkpoint: Checkpoint): void {
    try {
      applyPatch(open(), Buffer.from(checkpoint.patchBase64, "base64"));
      // A patch has no empty folders, and the shell may stand in one.
      open().mkdir(checkpoint.cwd, true);
    } catch (error) {
      throw new SandboxError("sandbox_failed", `the checkpoint does not fit the base snapshot in ${baseDirectory}`, { cause: error });
    }
    ({ cwd, env } = checkpoint);
    last = checkpoint;
  }

  function open(): Overlay {
    if (overlay === null) throw new SandboxError("sandbox_failed", "the workspace is closed");
    return overlay;
  }

  const state = (): WorkspaceState => ({ baseDirectory, changes: open().changes, limits });

  async function run(job: Job, limitMs: number, signal?: AbortSignal): Promise<Reply | Killed> {
    const reply = await pool.run(job, limitMs, signal);
    open();
    if (reply.kind === "killed" && reply.why === "crash") {
      throw new SandboxError("sandbox_failed", "the virtual shell's thread ended", { cause: reply.cause });
    }
    if (reply.kind === "failed") throw new SandboxError("sandbox_failed", `the virtual shell failed: ${reply.message}`);
    return reply;
  }

  async function exec(command: string, { timeoutMs, shell, signal }: ExecOptions): Promise<ExecResult> {
    signal?.throwIfAborted();
    const isSession = shell === "session";
    const output = takeOutputBuffer();
    try {
      const started = performance.now();
      const place = isSession ? { cwd, env } : { cwd: WORKSPACE, env: {} };
      const reply = await run({ kind: "exec", workspace: state(), command, ...place, timeoutMs, output }, timeoutMs + GRACE_MS, signal);
      const durationMs = performance.now() - started;
      if (reply.kind === "killed") return killedResult(reply, output, durationMs);
      if (reply.kind !== "exec") throw new SandboxError("sandbox_failed", `the virtual shell answered ${reply.kind} to exec`);
      return { ...finished(reply, isSession), ...readOutput(output), durationMs: durationMs + reply.sleptMs };
    } finally {
      giveOutputBuffer(output);
    }
  }

  function finished(done: ExecReply, isSession: boolean): Pick<ExecResult, "outcome" | "exitCode" | "restarted"> {
    overlay = createOverlay(base, done.changes, limits);
    if (isSession) ({ cwd, env } = done);
    return {
      outcome: done.outcome,
      exitCode: done.outcome === "exited" ? done.exitCode : null,
      restarted: isSession && done.left ? `the shell ended with status ${done.exitCode}` : null,
    };
  }

  async function patch(maxBytes: number): Promise<Uint8Array> {
    const reply = await run({ kind: "patch", workspace: state() }, PATCH_LIMIT_MS);
    if (reply.kind !== "patch") throw new SandboxError("sandbox_failed", "the diff of the workspace could not be made");
    if (reply.patch.length > maxBytes) {
      throw new SandboxError(
        "sandbox_failed",
        `the diff of the workspace has ${reply.patch.length} bytes; at most ${maxBytes} are allowed`,
      );
    }
    return Uint8Array.from(reply.patch);
  }

  return {
    exec,
    diff: patch,
    checkSyntax: async (command) => {
      const reply = await run({ kind: "syntax", command }, SYNTAX_LIMIT_MS);
      return reply.kind === "syntax" ? reply.message : "bash: the command is too complex to read";
    },
    stat: async (path) => {
      const node = open().lookup(path, true)?.node;
      return node === undefined ? null : { kind: portKind(node.kind), size: node.size };
    },
    readFile: async (path, maxBytes) => {
      const found = open().lookup(path, true);
      if (found?.node.kind !== "file") return null;
      if (found.node.size > maxBytes) {
        throw new SandboxError("sandbox_failed", `${path} has ${found.node.size} bytes; at most ${maxBytes} are allowed`);
      }
      return Uint8Array.from(open().read(found.path));
    },
    writeFile: async (path, content) => {
      try {
        open().write(path, content);
        return null;
      } catch (error) {
        if (error instanceof FileError) return error.reason;
        throw error;
      }
    },
    list: async (path, depth, limit) => {
      const entries: DirectoryEntry[] = [];
      collect(open(), path, depth, entries);
      return entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)).slice(0, limit);
    },
    checkpoint: async (maxBytes) => {
      const patchBase64 = Buffer.from(await patch(maxBytes)).toString("base64");
      const next: Checkpoint = { patchBase64, cwd, env };
      if (JSON.stringify(next) === JSON.stringify({ patchBase64: last.patchBase64, cwd: last.cwd, env: last.env })) return null;
      last = next;
      return next;
    },
    close: async () => {
      overlay = null;
    },
  };
}

function collect(overlay: Overlay, path: string, depth: number, entries: DirectoryEntry[]): void {
  const found = overlay.lookup(path, true);
  if (found?.node.kind !== "directory") return;
  for (const { name, node } of overlay.readdir(found.path)) {
    if (name.startsWith(".")) continue;
    const child = `${path.replace(/\/$/, "")}/${name}`;
    entries.push({ path: child, kind: portKind(node.kind) });
    if (node.kind === "directory" && depth > 1) collect(overlay, child, depth - 1, entries);
  }
}

const portKind = (kind: "file" | "directory" | "symlink"): DirectoryEntry["kind"] => (kind === "symlink" ? "other" : kind);

const KILLED = {
  timeout: "the command could not be interrupted and its shell was killed; what it had changed is lost",
  memory: "the command ran out of memory and its shell was killed; what it had changed is lost",
};

function killedResult({ why }: Killed, output: SharedArrayBuffer, durationMs: number): ExecResult {
  const isTimeout = why === "timeout";
  return {
    ...readOutput(output),
    outcome: isTimeout ? "timeout" : "exited",
    exitCode: isTimeout ? null : 137,
    restarted: isTimeout ? KILLED.timeout : KILLED.memory,
    durationMs,
  };
}
