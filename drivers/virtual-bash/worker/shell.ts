import { setTimeout as wait } from "node:timers/promises";
import { Bash, parse } from "just-bash";
import { WORKSPACE } from "../../../core/agent/sandbox.ts";
import { gitCommand } from "../git-command.ts";
import { listCommand } from "../list-command.ts";
import { MISSING, missingCommand } from "../missing-command.ts";
import { rgCommand } from "../rg-command.ts";
import { asFileSystem } from "../tree/file-system.ts";
import type { Overlay } from "../tree/overlay.ts";
import { consoleOutput } from "./console-output.ts";
import { EXECUTION_LIMITS } from "./limits.ts";
import { appendOutput } from "./output-buffer.ts";
import type { ExecReply, Job } from "./protocol.ts";

/** A command that prints more than this is stopped. */
const OUTPUT_LIMIT_BYTES = 64_000_000;
/** As on Linux, where arguments and environment share two megabytes. */
const MAX_VARIABLE_CHARACTERS = 2_000_000;
const SLEEP_AT_MOST_MS = 2;
const TAIL_BYTES = 1000;
const STATUS = "__serac_status";
const SESSION: Readonly<Record<string, string>> = {
  HOME: "/tmp",
  LANG: "C.UTF-8",
  LC_ALL: "C.UTF-8",
  PAGER: "cat",
  MANPAGER: "cat",
  LESS: "-R",
  PIP_PROGRESS_BAR: "off",
  TQDM_DISABLE: "1",
  GIT_PAGER: "cat",
  TERM: "dumb",
};
/** Kept by the shell itself. */
const NOT_CARRIED = /^(?:PWD|OLDPWD|OPTIND|SHELLOPTS|BASHOPTS|BASH_VERSION|_|IFS_|__serac_status)$|[^A-Za-z0-9_]|^[0-9]/;

export function syntaxError(command: string): string | null {
  try {
    const deferred = parse(command).statements.find((statement) => statement.deferredError !== undefined)?.deferredError;
    return deferred === undefined ? null : `bash: ${deferred.message}`;
  } catch (error) {
    return `bash: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export async function execute(job: Job & { kind: "exec" }, overlay: Overlay): Promise<ExecReply> {
  const stop = new AbortController();
  let outcome: ExecReply["outcome"] = "exited";
  let sleptMs = 0;
  const end = (why: ExecReply["outcome"]): void => {
    if (outcome === "exited") outcome = why;
    stop.abort();
  };
  let tail = "";
  const print = (bytes: Uint8Array): void => {
    if (stop.signal.aborted) return;
    tail = (tail + Buffer.from(bytes).subarray(-TAIL_BYTES).toString()).slice(-TAIL_BYTES);
    if (appendOutput(job.output, bytes) > OUTPUT_LIMIT_BYTES) end("output_limit");
  };
  const bash = new Bash({
    executionLimits: EXECUTION_LIMITS,
    fs: asFileSystem(overlay, print),
    cwd: job.cwd,
    env: { ...SESSION, ...job.env },
    customCommands: [gitCommand(overlay), listCommand, rgCommand, ...MISSING.map(missingCommand)],
    // Nothing runs beside a sleep here, so it only needs to count, not to hold a thread that other rollouts wait for.
    // It takes a moment, though, so that a loop around it can be stopped.
    sleep: async (ms) => {
      sleptMs += ms;
      if (sleptMs >= job.timeoutMs) end("timeout");
      await wait(Math.min(ms, SLEEP_AT_MOST_MS));
    },
  });
  const syntax = syntaxError(job.command);
  if (syntax !== null) {
    print(Buffer.from(`${syntax}\n`));
    return { kind: "exec", changes: overlay.changes, cwd: job.cwd, env: job.env, outcome, exitCode: 2, left: false, sleptMs };
  }

  const timer = setTimeout(() => end("timeout"), job.timeoutMs);
  bash.registerTransformPlugin(consoleOutput());
  // The blank line ends a command whose last line is continued.
  const script = `${job.command}\n\n${STATUS}=$?`;
  try {
    const result = await bash.exec(script, { rawScript: true, signal: stop.signal });
    const isStopped = (outcome as string) !== "exited";
    // An error that ends the shell comes back here, and sometimes was printed as well.
    const rest = result.stdout + result.stderr;
    if (!isStopped && rest !== "" && !tail.endsWith(rest.slice(-TAIL_BYTES))) print(Buffer.from(rest));
    const status = result.env[STATUS];
    const left = status === undefined;
    return {
      kind: "exec",
      changes: overlay.changes,
      cwd: isStopped ? job.cwd : directoryOf(overlay, result.env["PWD"]),
      env: isStopped ? job.env : carried(result.env),
      outcome,
      exitCode: left ? result.exitCode : Number(status),
      left: left && !isStopped,
      sleptMs,
    };
  } catch (error) {
    // A redirection onto a full disk, or a command that threw: its shell is over, the workspace is as it left it.
    print(Buffer.from(`bash: ${error instanceof Error ? error.message : String(error)}\n`));
    return {
      kind: "exec",
      changes: overlay.changes,
      cwd: job.cwd,
      env: job.env,
      outcome,
      exitCode: 1,
      left: outcome === "exited",
      sleptMs,
    };
  } finally {
    clearTimeout(timer);
  }
}

function directoryOf(overlay: Overlay, path: string | undefined): string {
  return path !== undefined && overlay.lookup(path, true)?.node.kind === "directory" ? path : WORKSPACE;
}

let fresh: Readonly<Record<string, string>> | undefined;

/** Variables that differ from a new session's. */
function carried(env: Readonly<Record<string, string>>): Record<string, string> {
  fresh ??= new Bash({ env: { ...SESSION } }).getEnv();
  let room = MAX_VARIABLE_CHARACTERS;
  const differs = ([name, value]: [string, string]): boolean => {
    if (NOT_CARRIED.test(name) || value === fresh?.[name] || value.length > room) return false;
    room -= value.length;
    return true;
  };
  return Object.fromEntries(Object.entries(env).filter(differs));
}
