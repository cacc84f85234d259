import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { drain, writeAll, type Pipe, type ShellPipes } from "./pipes.ts";

/** Descriptors of the same pipes inside every driven bash. High, so that scripts that count on 3 to 9 find them free. */
export const GUEST_FD = { feed: 96, script: 97, data: 98, report: 99 } as const;

export interface RunOptions {
  /** Line(s) that run after the command and print `nonce NUL status NUL cwd NUL variables NUL` on the report pipe. */
  readonly reportLines: (nonce: string) => string;
  readonly timeoutMs: number;
  /** Bytes of output kept in memory. */
  readonly keepBytes: number;
  /** Bytes of output after which the command is given up. */
  readonly stopBytes: number;
  readonly feed?: Uint8Array;
  /** Sees all output as it comes. */
  readonly onData?: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

export interface Report {
  readonly status: number;
  readonly cwd: string;
  /** Raw text of `declare -px`; empty where the report leaves it out. */
  readonly variables: Uint8Array;
}

export interface RunResult {
  /** `ended`: the shell is gone (see `fail`). Only after `report` is the shell ready for the next command. */
  readonly end: "report" | "timeout" | "overflow" | "aborted" | "ended";
  readonly report: Report | null;
  readonly output: Buffer;
  readonly omittedBytes: number;
}

export interface ShellChannel {
  /** One at a time. The command is a piece of script; its report comes on a pipe of its own, under a fresh random name. */
  run(command: string, options: RunOptions): Promise<RunResult>;
  /** Sends script without waiting for anything. */
  send(script: string): void;
  /** Resolves when `token NUL status NUL cwd NUL variables NUL` arrives on the report pipe. */
  expect(token: string, onReport: (report: Report) => void): () => void;
  /** The shell behind the channel is gone: ends the command that runs. */
  fail(): void;
  /** Forgets whatever still lies in the pipes of a shell that is gone. */
  reset(): void;
  close(): void;
}

export const newNonce = (): string => randomBytes(16).toString("hex");

/** A report without variables, for shells of our own. */
export const plainReport = (nonce: string): string => String.raw`printf '%s\0%s\0\0\0' ${nonce} "$?" >&${GUEST_FD.report}`;

/** A report longer than this is a forgery or a mistake. */
const MAX_REPORT_CHARACTERS = 4_000_000;

export function createShellChannel(pipes: ShellPipes): ShellChannel {
  const dataReader = reader(pipes.data);
  const reportReader = reader(pipes.report);
  const waiting = new Map<string, (report: Report) => void>();
  let reportText = "";
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let seenBytes = 0;
  let keepBytes = 1_000_000;
  let onOverflow: (() => void) | null = null;
  let stopBytes = Number.POSITIVE_INFINITY;
  let onData: ((bytes: Uint8Array) => void) | undefined;
  let endRun: ((end: RunResult["end"], report: Report | null) => void) | null = null;
  let closed = false;

  function collect(bytes: Buffer): void {
    seenBytes += bytes.length;
    onData?.(bytes);
    if (keptBytes < keepBytes) {
      const part = bytes.subarray(0, keepBytes - keptBytes);
      kept.push(part);
      keptBytes += part.length;
    }
    if (seenBytes > stopBytes) onOverflow?.();
  }

  function scan(bytes: Buffer): void {
    reportText += bytes.toString("latin1");
    for (const [token, onReport] of waiting) {
      const found = findReport(reportText, token);
      if (!found) continue;
      waiting.delete(token);
      reportText = reportText.slice(found.end);
      onReport(found.report);
    }
    if (reportText.length > MAX_REPORT_CHARACTERS) reportText = "";
  }

  dataReader.on("data", collect);
  reportReader.on("data", scan);

  async function run(command: string, options: RunOptions): Promise<RunResult> {
    const nonce = newNonce();
    keepBytes = options.keepBytes;
    stopBytes = options.stopBytes;
    onData = options.onData;
    dataReader.ref();
    reportReader.ref();
    const onAbort = (): void => endRun?.("aborted", null);
    let timer: NodeJS.Timeout | undefined;
    const ended = await new Promise<{ end: RunResult["end"]; report: Report | null }>((resolve) => {
      let isOver = false;
      endRun = (end, found) => {
        isOver = true;
        resolve({ end, report: found });
      };
      if (closed) return endRun("ended", null);
      if (options.signal?.aborted) return endRun("aborted", null);
      options.signal?.addEventListener("abort", onAbort, { once: true });
      waiting.set(nonce, (found) => endRun?.("report", found));
      onOverflow = () => endRun?.("overflow", null);
      timer = setTimeout(() => endRun?.("timeout", null), options.timeoutMs);
      const stop = (): boolean => isOver || closed;
      void writeAll(pipes.script.host, Buffer.from(`${command}\n${options.reportLines(nonce)}\n`), stop);
      if (options.feed) void writeAll(pipes.feed.host, options.feed, stop);
    });
    options.signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
    waiting.delete(nonce);
    endRun = null;
    onOverflow = null;
    if (!closed) {
      drain(pipes.data.host, collect);
      drain(pipes.feed.host, ignore);
      dataReader.unref();
      reportReader.unref();
    }
    onData = undefined;
    const output = Buffer.concat(kept);
    const omittedBytes = seenBytes - keptBytes;
    kept = [];
    keptBytes = 0;
    seenBytes = 0;
    return { ...ended, output, omittedBytes };
  }

  return {
    run,
    send: (script) => void writeAll(pipes.script.host, Buffer.from(`${script}\n`), () => closed),
    expect(token, onReport) {
      waiting.set(token, onReport);
      return () => void waiting.delete(token);
    },
    fail() {
      // What the shell still said comes before its end.
      if (!closed) drain(pipes.report.host, scan);
      endRun?.("ended", null);
    },
    reset() {
      for (const pipe of [pipes.script, pipes.data, pipes.report, pipes.feed]) drain(pipe.host, ignore);
      reportText = "";
      kept = [];
      keptBytes = 0;
      seenBytes = 0;
    },
    close() {
      if (closed) return;
      closed = true;
      endRun?.("ended", null);
      dataReader.destroy();
      reportReader.destroy();
      closeSync(pipes.script.host);
      closeSync(pipes.feed.host);
    },
  };
}

function reader(pipe: Pipe): Socket {
  const socket = new Socket({ fd: pipe.host, readable: true, writable: false });
  // A pipe of which both ends are open here does not fail; without a listener, an error at closing would end the process.
  socket.on("error", ignore);
  socket.unref();
  return socket;
}

function ignore(): void {}

function findReport(text: string, token: string): { report: Report; end: number } | null {
  const start = text.indexOf(`${token}\0`);
  if (start === -1) return null;
  const fields: string[] = [];
  let at = start + token.length + 1;
  while (fields.length < 3) {
    const end = text.indexOf("\0", at);
    if (end === -1) return null;
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  const [status = "", cwd = "", variables = ""] = fields;
  return {
    report: {
      status: Number.parseInt(status, 10) || 0,
      cwd: Buffer.from(cwd, "latin1").toString("utf8"),
      variables: Buffer.from(variables, "latin1"),
    },
    end: at,
  };
}
