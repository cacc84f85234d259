import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";

import { InputError } from "../../core/errors/index.ts";

const GIT_MISSING_HINT = "Install git, or give a plain folder that is no git repository.";
const MAX_STDERR_CHARS = 4000;

/**
 * What a repository of unknown origin must never be able to do through git: run a program (hooks, fsmonitor, filters,
 * pagers, signature checks), reach the network (a partial clone fetches missing objects on its own), or be written to.
 * Its own config cannot override these: git ranks `-c` and GIT_ALLOW_PROTOCOL above it (git-config(1), git(1)).
 */
const SAFE_ARGUMENTS: readonly string[] = [
  "--no-pager",
  "--literal-pathspecs",
  ...[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.quotePath=false",
    "diff.external=",
    "log.showSignature=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "protocol.allow=never",
    "submodule.recurse=false",
  ].flatMap((setting) => ["-c", setting]),
];

export interface GitCommand {
  /** Runs git to its end. Never throws for a non-zero exit; InputError when there is no git. */
  run(args: readonly string[], options?: GitRunOptions): Promise<GitResult>;
  /** A long-lived git; the caller owns the process. */
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
}

export interface GitRunOptions {
  /** Over this many bytes of output the process is stopped and `truncated` is set. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** A git that sees nothing of the caller's environment but PATH, plus `variables`. */
export function gitCommand(directory: string, path: string | undefined, variables: Readonly<Record<string, string>>): GitCommand {
  const env = { ...safeEnvironment(path), ...variables };
  const start = (args: readonly string[]): ChildProcessWithoutNullStreams =>
    spawn("git", [...SAFE_ARGUMENTS, ...args], { cwd: directory, env, stdio: "pipe" });
  return { start, run: (args, options = {}) => collect(start(args), options) };
}

function safeEnvironment(path: string | undefined): Record<string, string> {
  return {
    ...(path === undefined ? {} : { PATH: path }),
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
  };
}

function collect(child: ChildProcessWithoutNullStreams, options: GitRunOptions): Promise<GitResult> {
  const maxBytes = options.maxBytes ?? 1 << 30;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let truncated = false;
    let stderr = "";
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
    child.stdin.end();
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (chunk: Buffer) => {
      if (truncated) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > maxBytes) {
        truncated = true;
        child.kill("SIGKILL");
      }
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < MAX_STDERR_CHARS) stderr += chunk.toString("utf8");
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(isMissing(error) ? gitMissing(error) : error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? -1, stdout: Buffer.concat(chunks), stderr: stderr.trim(), truncated });
    });
  });
}

const isMissing = (error: NodeJS.ErrnoException): boolean => error.code === "ENOENT" || error.code === "EACCES";

export class GitMissingError extends InputError {}

function gitMissing(cause: unknown): GitMissingError {
  return new GitMissingError("repository_unreadable", "git is needed to read this repository, and no git was found on PATH.", {
    hint: GIT_MISSING_HINT,
    cause,
  });
}
