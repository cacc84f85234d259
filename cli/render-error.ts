import { inspect } from "node:util";
import { PausedError, SeracError } from "../core/errors/index.ts";
import { printable } from "./format/printable.ts";

export interface RenderOptions {
  /** Show causes and stacks. */
  readonly debug: boolean;
}

const DEEPEST = 8;

/** An error as a person reads it: what is wrong, what to do about it, and the code that scripts and searches go by. */
export function renderError(error: unknown, options: RenderOptions): string {
  const lines = error instanceof SeracError ? known(error) : unknown(error);
  if (options.debug) lines.push("", ...chain(error));
  return `${lines.map(printable).join("\n")}\n`;
}

function known(error: SeracError): string[] {
  const lines = [`${error instanceof PausedError ? "paused" : "error"}: ${error.message} [${error.code}]`];
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  return lines;
}

function unknown(error: unknown): string[] {
  const message = error instanceof Error ? error.message : String(error);
  if (isSystemError(error)) {
    const where = error.path === undefined ? "" : ` (${error.path})`;
    return [`error: The system said ${error.code}${where}: ${message} [system]`, ...systemHint(error.code)];
  }
  return [`error: ${message} [internal]`, "hint: This is a mistake in serac. The same command with --debug shows where."];
}

function systemHint(code: string): string[] {
  if (code === "ENOSPC" || code === "EDQUOT") return ["hint: The disk is full. Free some space and try again."];
  if (code === "EMFILE" || code === "ENFILE")
    return ["hint: Too many open files. Raise the limit with `ulimit -n 4096`, or lower the concurrency."];
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return ["hint: Look at the permissions of that path."];
  return [];
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";

function chain(error: unknown): string[] {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && current !== null && depth < DEEPEST; depth += 1) {
    if (depth > 0) lines.push("caused by:");
    if (!(current instanceof Error)) {
      lines.push(inspect(current));
      break;
    }
    lines.push(current.stack ?? `${current.name}: ${current.message}`);
    current = current.cause;
  }
  return lines;
}
