import { spawn } from "node:child_process";
import { constants } from "node:os";
import { InputError } from "../../core/errors/index.ts";

export interface ClientCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface ClientEnd {
  /** As a shell says it: 128 and the signal's number for a client that was killed. */
  readonly code: number;
  readonly wasKilled: boolean;
}

/** A client that was told to end and does not. */
const STUBBORN_MS = 10_000;

/**
 * Runs the client on our own terminal to its end. Ctrl-C on a terminal reaches it from there, and belongs to it: we outlive it in any
 * case. Signals that are meant for this process alone are passed on. InputError("client_missing") when it does not start.
 */
export async function runClient({ program, args, env, cwd }: ClientCommand): Promise<ClientEnd> {
  const child = spawn(program, [...args], { env, cwd, stdio: "inherit" });
  let stubborn: NodeJS.Timeout | undefined;
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    stubborn ??= setTimeout(() => child.kill("SIGKILL"), STUBBORN_MS);
  };
  const onKey = (signal: NodeJS.Signals): void => {
    if (!process.stdin.isTTY) child.kill(signal);
  };
  process.on("SIGTERM", passOn).on("SIGHUP", passOn).on("SIGINT", onKey).on("SIGQUIT", onKey);
  try {
    const { code, signal } = await ended(child);
    return signal === null ? { code: code ?? 1, wasKilled: false } : { code: 128 + constants.signals[signal], wasKilled: true };
  } catch (cause) {
    throw new InputError("client_missing", `Claude Code does not start: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: `Does \`${program} --version\` work?`,
      cause,
    });
  } finally {
    clearTimeout(stubborn);
    process.off("SIGTERM", passOn).off("SIGHUP", passOn).off("SIGINT", onKey).off("SIGQUIT", onKey);
  }
}

function ended(child: ReturnType<typeof spawn>): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("exit", (code, signal) => done({ code, signal }));
  });
}
