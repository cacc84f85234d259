import type { RepositorySource } from "../survey/repository.ts";

/** Port: where the agent's commands run. Workspace paths are always `/testbed/...`, in every driver. */
export const WORKSPACE = "/testbed";

export interface SandboxLimits {
  readonly memoryMb: number;
  readonly processes: number;
  readonly diskMb: number;
  readonly fileMb: number;
}

export const SANDBOX_PROVIDERS = ["bubblewrap", "virtual-bash", "microvm", "tenant-lambda"] as const;

export interface SandboxProvider {
  readonly name: (typeof SANDBOX_PROVIDERS)[number];
  /** Sentences for a person: how it isolates, and what it cannot do. Printed by `serac run`. */
  readonly notes: readonly string[];
  /**
   * Makes the base of every workspace once a run: the tree with one commit, then `install` with network allowed.
   * Idempotent: called again with a directory that it finished before, it returns that base. UnfinishedError when the work goes on
   * elsewhere and the deadline is near: the same request again finds it further on.
   */
  prepare(request: PrepareRequest): Promise<BaseSnapshot>;
  /** A fresh workspace on the base, or the one that `checkpoint` describes. */
  open(base: BaseSnapshot, options: OpenOptions): Promise<Sandbox>;
  /**
   * Removes what `prepare` made under this name, with the machines that run from it. Idempotent, and no error where there is
   * nothing. Absent where a base is a folder that its owner removes.
   */
  release?(directory: string): Promise<void>;
  /** Ends machines that lost their owner and releases what nobody needs; a later call finds what this one could not remove. */
  reap?(isNeeded: (directory: string) => Promise<boolean>): Promise<ReapedSandboxes>;
  close(): Promise<void>;
}

export interface ReapedSandboxes {
  readonly machines: number;
  readonly bases: number;
}

export interface PrepareRequest {
  readonly source: RepositorySource;
  /** Belongs to the provider from now on and outlives the process: a folder, or a name for what a provider makes elsewhere. */
  readonly directory: string;
  /** Milliseconds since the epoch. Providers that do the work themselves take no notice of it. */
  readonly deadlineMs?: number;
  readonly install: readonly string[];
  readonly timeoutMs: number;
  readonly limits: SandboxLimits;
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** Plain JSON, kept on the run. */
export interface BaseSnapshot {
  readonly provider: SandboxProvider["name"];
  /** A folder, or the address of the image. */
  readonly directory: string;
  /** The single commit that the workspace's git knows; empty where the driver has no git. */
  readonly baseCommit: string;
}

export interface OpenOptions {
  readonly limits: SandboxLimits;
  readonly checkpoint?: Checkpoint;
  readonly signal?: AbortSignal;
}

/** Plain JSON: everything needed to make the workspace again on the base snapshot. */
export interface Checkpoint {
  /** `git diff --binary` against the base, base64 because source text may be in any encoding. */
  readonly patchBase64: string;
  readonly cwd: string;
  /** Exported variables that differ from a new session's. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ExecOptions {
  readonly timeoutMs: number;
  /** `session`: the persistent shell of the rollout. `fresh`: a new subshell at /testbed (mini toolset). */
  readonly shell: "session" | "fresh";
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  /** stdout and stderr in the order written, raw, at most `MAX_OUTPUT_BYTES`. */
  readonly output: Uint8Array;
  /** Bytes printed beyond that. */
  readonly omittedBytes: number;
  readonly outcome: "exited" | "timeout" | "output_limit";
  /** Of the last command; null unless `exited`. */
  readonly exitCode: number | null;
  /** Why the session had to be started anew (`exit`, killed, exec …), null when it lives on. State was carried over. */
  readonly restarted: string | null;
  readonly durationMs: number;
}

export const MAX_OUTPUT_BYTES = 1_000_000;

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly size: number;
}

export interface DirectoryEntry {
  /** Absolute. */
  readonly path: string;
  readonly kind: "file" | "directory" | "other";
}

/** One rollout's private machine. Every method throws SandboxError when the machine itself is gone. */
export interface Sandbox {
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  /** Null when bash would accept the text, else bash's message. Runs nothing. */
  checkSyntax(command: string): Promise<string | null>;
  /** Null when there is nothing at that path. Follows links inside the sandbox only. */
  stat(path: string): Promise<FileStat | null>;
  /** Null when absent or unreadable. Throws SandboxError for more than `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | null>;
  /** Keeps mode bits of an existing file. Returns a reason for a person when the sandbox refuses (read-only, no space, no parent). */
  writeFile(path: string, content: Uint8Array): Promise<string | null>;
  /** Entries below `path` to `depth` levels, hidden ones left out, sorted by path. At most `limit`. */
  list(path: string, depth: number, limit: number): Promise<readonly DirectoryEntry[]>;
  /** Binary-safe diff of the work tree against the base, new files included, ignored ones not. */
  diff(maxBytes: number): Promise<Uint8Array>;
  /** Null when nothing changed since the last checkpoint (or restore). Throws SandboxError over `maxBytes`. */
  checkpoint(maxBytes: number): Promise<Checkpoint | null>;
  /** Kills everything inside and removes the workspace. Idempotent. */
  close(): Promise<void>;
}
