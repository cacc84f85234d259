import { MAX_OUTPUT_BYTES, WORKSPACE, type ExecOptions, type ExecResult } from "../../core/agent/sandbox.ts";
import { SandboxError } from "../../core/errors/index.ts";
import { parseDeclaredVariables } from "./declared-variables.ts";
import type { Inner } from "./inner.ts";
import { quote } from "./quote.ts";
import { GUEST_FD, newNonce, type Report, type RunOptions, type RunResult, type ShellChannel } from "./shell-channel.ts";

/** What survives when the agent's shell has to be started anew. */
export interface ShellState {
  readonly cwd: string;
  /** Exported variables that differ from a new session's; null for one that was removed. */
  readonly env: Readonly<Record<string, string | null>>;
}

/** The agent's persistent bash. */
export interface Session {
  exec(command: string, options: ExecOptions): Promise<ExecResult>;
  state(): ShellState;
  /** Starts the shell, with `state` where given, on a fresh inner wall. */
  start(state?: ShellState): Promise<void>;
  /** The shell is gone together with the inner wall. */
  fail(): void;
  /** The shell was started anew between two commands; the next result says so. */
  explain(reason: string): void;
}

/** Output after which a command is stopped. */
const STOP_OUTPUT_BYTES = 64_000_000;
const START_TIMEOUT_MS = 30_000;
/** Kept by bash itself, different in each session. */
const BASH_OWN = new Set(["_", "PWD", "OLDPWD", "SHLVL", "BASHOPTS", "SHELLOPTS"]);
const { script: SCRIPT, data: DATA, report: REPORT, feed: FEED } = GUEST_FD;

/** The shell's own last resort: it could not run the command or report any more, for lack of descriptors. */
const BROKEN_EXIT = 97;

/**
 * After a command: unset functions that hide the builtins used here. In posix mode `unset` itself cannot be hidden, and
 * an assignment alone, which nothing can hide, switches that mode on. Then report; a shell that cannot do so any more ends.
 */
const reportLines = (nonce: string): string =>
  [
    String.raw`__serac_status=$? POSIXLY_CORRECT=1; \unset -f builtin; \unset POSIXLY_CORRECT`,
    String.raw`[[ $__serac_ran ]] && \builtin printf '' >&${DATA} && \builtin printf '%s\0%s\0%s\0' ${nonce} "$__serac_status" "$PWD" >&${REPORT} && \builtin declare -px >&${REPORT} && \builtin printf '\0' >&${REPORT} || \builtin exit ${BROKEN_EXIT}`,
  ].join("\n");

/** `nameOf`: what a folder is called inside, where that is not what the kernel calls it. */
export function createSession(
  channel: ShellChannel,
  inner: Inner,
  restartInner: () => Promise<void>,
  nameOf: (folder: string) => string = (folder) => folder,
): Session {
  let baseline: ReadonlyMap<string, string> | null = null;
  let state: ShellState = { cwd: WORKSPACE, env: {} };
  let shellProcess = 0;
  let isAlive = false;
  let endStatus: number | null = null;
  let explanation: string | null = null;
  let forget = nothing;

  function remember(report: Report): void {
    const exported = parseDeclaredVariables(report.variables);
    state = { cwd: nameOf(report.cwd) || state.cwd, env: difference(exported, baseline ?? exported) };
  }

  async function start(from: ShellState = state): Promise<void> {
    forget();
    const exitToken = newNonce();
    const endToken = newNonce();
    const forgetExit = channel.expect(exitToken, remember);
    const forgetEnd = inner.expect(endToken, (status) => {
      isAlive = false;
      endStatus = status;
      channel.fail();
    });
    forget = () => {
      forgetExit();
      forgetEnd();
    };
    channel.reset();
    endStatus = null;
    isAlive = true;
    // Interactive, so that an unset variable or a failed `exec` does not end it; without history and job control.
    const shell = `bash --noprofile --norc -i +H /dev/fd/${SCRIPT} ${SCRIPT}<&11 ${DATA}>&12 ${REPORT}>&13 11<&- 12>&- 13>&- ${FEED}<&-`;
    const launched = await inner.ask(`( ${shell} </dev/null >/dev/null 2>&1; printf '%s\\0%s\\0\\0\\0' ${endToken} "$?" >&${REPORT} ) &`);
    if (!launched) throw new SandboxError("sandbox_failed", "The shell of the sandbox could not be started.");
    const onExit = String.raw`\builtin printf "%s\0%s\0%s\0" ${exitToken} "$?" "$PWD" >&${REPORT}; \builtin declare -px >&${REPORT}; \builtin printf "\0" >&${REPORT}`;
    const first = await channel.run(
      [
        `exec ${SCRIPT}<&-; BASH_ARGV0=bash; set +o history; unset HISTFILE PS1 PROMPT_COMMAND; umask 022; shopt -u checkwinsize`,
        `__serac_ran=1; trap ${quote(onExit)} EXIT; cd ${WORKSPACE}; echo $$ >&${DATA}`,
      ].join("\n"),
      plain(START_TIMEOUT_MS),
    );
    if (!first.report) throw new SandboxError("sandbox_failed", `The shell of the sandbox could not be started (${first.end}).`);
    shellProcess = Number(first.output.toString("latin1").trim());
    baseline ??= parseDeclaredVariables(first.report.variables);
    const script = restoring(from);
    const restored = script ? await channel.run(script, plain(START_TIMEOUT_MS)) : first;
    if (!restored.report) throw new SandboxError("sandbox_failed", `The state of the shell could not be restored (${restored.end}).`);
    remember(restored.report);
  }

  /** The place where a command was when it had to be killed. */
  async function placeOfShell(): Promise<string | null> {
    const answer = await inner.ask(`cd -P /proc/${shellProcess}/cwd && printf %s "$PWD"; cd /`, { timeoutMs: 2_000, maxBytes: 5_000 });
    const place = answer?.output.toString("utf8") ?? "";
    return place.startsWith("/") && !place.includes("\n") ? nameOf(place) : null;
  }

  async function exec(command: string, options: ExecOptions): Promise<ExecResult> {
    const startedAt = performance.now();
    if (!isAlive) {
      // It ended between two commands: a background process of the agent's may have killed it.
      explanation ??= reasonOfEnd(endStatus);
      await restartInner();
    }
    const endedBefore = explanation;
    explanation = null;
    const evaluated = `\\builtin eval ${quote(command)}`;
    const text = options.shell === "fresh" ? `( \\builtin cd ${WORKSPACE} && ${evaluated} )` : evaluated;
    const result = await channel.run(`__serac_ran=; { __serac_ran=1; ${text}; } </dev/null >&${DATA} 2>&${DATA}`, {
      reportLines,
      timeoutMs: options.timeoutMs,
      keepBytes: MAX_OUTPUT_BYTES,
      stopBytes: STOP_OUTPUT_BYTES,
      ...(options.signal && { signal: options.signal }),
    });
    const settled = await settle(result, options);
    const restarted = settled.restarted ?? endedBefore;
    return { output: result.output, omittedBytes: result.omittedBytes, durationMs: performance.now() - startedAt, ...settled, restarted };
  }

  async function settle(result: RunResult, options: ExecOptions): Promise<Pick<ExecResult, "outcome" | "exitCode" | "restarted">> {
    if (result.report) {
      remember(result.report);
      return { outcome: "exited", exitCode: result.report.status, restarted: null };
    }
    if (result.end === "ended") {
      const status = endStatus;
      if (inner.isDown() || status === null) await restartInner();
      else await start().catch(restartInner);
      return { outcome: "exited", exitCode: status, restarted: reasonOfEnd(status) };
    }
    const place = options.shell === "session" ? await placeOfShell() : null;
    if (place) state = { ...state, cwd: place };
    await restartInner();
    options.signal?.throwIfAborted();
    if (result.end === "overflow")
      return { outcome: "output_limit", exitCode: null, restarted: "the command printed too much and was killed" };
    return { outcome: "timeout", exitCode: null, restarted: "the command ran into its time limit and was killed" };
  }

  function restoring(from: ShellState): string {
    const lines = Object.entries(from.env).map(([name, value]) => (value === null ? `unset ${name}` : `export ${name}=${quote(value)}`));
    if (from.cwd !== WORKSPACE) lines.push(`cd -- ${quote(from.cwd)} 2>/dev/null || cd ${WORKSPACE}`);
    return lines.join("\n");
  }

  return {
    exec,
    state: () => state,
    start,
    fail() {
      isAlive = false;
      channel.fail();
    },
    explain(reason) {
      explanation = reason;
    },
  };
}

const plain = (timeoutMs: number): RunOptions => ({ reportLines, timeoutMs, keepBytes: 4_000, stopBytes: Number.POSITIVE_INFINITY });

function reasonOfEnd(status: number | null): string {
  if (status === null) return "every process of the sandbox was killed";
  if (status === BROKEN_EXIT) return "the shell could not use its own descriptors any more";
  if (status > 128) return `the shell was killed by signal ${status - 128}`;
  return `the shell ended with exit code ${status}`;
}

function difference(exported: ReadonlyMap<string, string>, baseline: ReadonlyMap<string, string>): Record<string, string | null> {
  const env: Record<string, string | null> = {};
  for (const [name, value] of exported) if (!BASH_OWN.has(name) && baseline.get(name) !== value) env[name] = value;
  for (const name of baseline.keys()) if (!BASH_OWN.has(name) && !exported.has(name)) env[name] = null;
  return env;
}

function nothing(): void {}
