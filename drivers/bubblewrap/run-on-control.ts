import type { SandboxError } from "../../core/errors/index.ts";
import { GUEST_FD, plainReport, type ShellChannel } from "./shell-channel.ts";

const CONTROL_TIMEOUT_MS = 120_000;

export interface ControlOptions {
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly feed?: Uint8Array;
  readonly onData?: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

export interface ControlResult {
  readonly status: number;
  readonly output: Buffer;
  readonly omittedBytes: number;
}

export interface ControlledMachine {
  readonly control: ShellChannel;
  readonly isGone: () => boolean;
  readonly kill: () => Promise<void>;
  /** The error for a machine that is lost. */
  readonly failed: (what: string) => SandboxError;
}

/** Scripts on the control of a machine, which is not trusted any more once it did not answer in time. */
export function runningOnControl({ control, isGone, kill, failed }: ControlledMachine) {
  return async (text: string, options: ControlOptions = {}): Promise<ControlResult> => {
    if (isGone()) throw failed("The sandbox is gone");
    const maxBytes = options.maxBytes ?? 64_000_000;
    const result = await control.run(`{ ${text}\n} </dev/null >&${GUEST_FD.data} 2>&${GUEST_FD.data}`, {
      reportLines: plainReport,
      timeoutMs: options.timeoutMs ?? CONTROL_TIMEOUT_MS,
      keepBytes: maxBytes,
      stopBytes: Number.POSITIVE_INFINITY,
      ...(options.feed && { feed: options.feed }),
      ...(options.onData && { onData: options.onData }),
      ...(options.signal && { signal: options.signal }),
    });
    if (result.end === "report") return { status: result.report?.status ?? 0, output: result.output, omittedBytes: result.omittedBytes };
    await kill();
    options.signal?.throwIfAborted();
    throw failed(result.end === "timeout" ? "The sandbox did not answer in time" : "The sandbox ended unexpectedly");
  };
}
