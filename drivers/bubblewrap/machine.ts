import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import { SandboxError } from "../../core/errors/index.ts";
import { createPipes, type Pipe } from "./pipes.ts";
import { createShellChannel, GUEST_FD, plainReport, type ShellChannel } from "./shell-channel.ts";

/** Capabilities of control, inside its own user namespace only: to mount, and to read and restore files of any mode. */
const CONTROL_CAPABILITIES = [
  "SYS_ADMIN",
  "SYS_CHROOT",
  "SETUID",
  "SETGID",
  "SETPCAP",
  "SETFCAP",
  "CHOWN",
  "FOWNER",
  "FSETID",
  "DAC_OVERRIDE",
  "KILL",
];

export interface MachinePlan {
  /** bwrap arguments: what control sees. */
  readonly binds: readonly string[];
  readonly network: boolean;
  /** Files of control groups to join before anything else runs. */
  readonly joinFiles: readonly string[];
  /** Where short-lived named pipes may be made. */
  readonly scratch: string;
  readonly path: string;
  readonly signal?: AbortSignal;
}

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

/** The outer wall: one bwrap with a bash of ours (`control`) as its first process. */
export interface Machine {
  readonly control: ShellChannel;
  /** Pipes of the shells further in, in the order that control has them at descriptors 7 and up. */
  readonly innerPipes: readonly Pipe[];
  /** The first process of the machine, as the host numbers it. */
  readonly processId: number;
  /** Script on control: output is its stdout, and stderr too when `status` is not 0. Throws SandboxError when the machine is gone or too slow. */
  run(script: string, options?: ControlOptions): Promise<ControlResult>;
  readonly gone: Promise<void>;
  readonly isGone: () => boolean;
  /** Resolves when every process of the machine has ended. */
  kill(): Promise<void>;
}

const CONTROL_TIMEOUT_MS = 120_000;
const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done; shift; exec "$@"';
/** The kernel allows a new /proc further in only while this one is whole; bwrap covers parts of it when root starts it. */
const UNCOVER_PROC =
  "[[ $(</proc/self/mountinfo) != *' /proc/'* ]] || umount /proc/bus /proc/irq /proc/sys /proc/sysrq-trigger 2>/dev/null; :";
/** clerk: script, data, report, feed; session: script, data, report. */
const INNER_DIRECTIONS = ["toGuest", "fromGuest", "fromGuest", "toGuest", "toGuest", "fromGuest", "fromGuest"] as const;

export async function startMachine(plan: MachinePlan): Promise<Machine> {
  const pipes = await createPipes(plan.scratch, ["toGuest", "fromGuest", "fromGuest", "toGuest", ...INNER_DIRECTIONS]);
  const [script, data, report, feed, ...innerPipes] = pipes as [Pipe, Pipe, Pipe, Pipe, ...Pipe[]];
  const infoFd = 3 + pipes.length;
  const bwrap = [
    "bwrap",
    "--unshare-user",
    "--unshare-all",
    ...(plan.network ? ["--share-net"] : []),
    ...["--uid", "0", "--gid", "0", "--hostname", "testbed", "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"],
    ...["--cap-drop", "ALL", ...CONTROL_CAPABILITIES.flatMap((name) => ["--cap-add", `CAP_${name}`])],
    ...["--setenv", "PATH", plan.path, "--setenv", "LC_ALL", "C", "--setenv", "HOME", "/nonexistent"],
    ...plan.binds,
    ...["--info-fd", String(infoFd)],
    ...["bash", "--noprofile", "--norc", "/dev/fd/3"],
  ];
  const child = spawn("/bin/sh", ["-c", JOIN, "sh", ...plan.joinFiles, "--", ...bwrap], {
    stdio: ["ignore", "ignore", "pipe", ...pipes.map((pipe) => pipe.guest), "pipe"],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
  });
  for (const pipe of pipes) closeSync(pipe.guest);
  const control = createShellChannel({ script, data, report, feed });
  let isGone = false;
  let complaint = "";
  const stderr = child.stdio[2] as Readable;
  stderr.on("data", (bytes: Buffer) => {
    if (complaint.length < 4000) complaint += bytes.toString("utf8");
  });
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isGone = true;
      control.close();
      resolve();
    };
    child.once("exit", end);
    child.once("error", (error) => {
      complaint ||= error.message;
      end();
    });
  });

  let processId = 0;
  async function kill(): Promise<void> {
    // The first process takes the whole process namespace with it; bwrap itself ends only after that.
    if (isGone) return;
    child.ref();
    killQuietly(processId || child.pid);
    await gone;
  }
  const failed = (what: string): SandboxError => {
    const said = complaint.trim();
    return new SandboxError("sandbox_failed", said ? `${what}: ${said}` : `${what}.`, {
      hint: "The workspace of this rollout is lost; the run goes on. If it happens again, look at memory and disk limits.",
    });
  };

  async function run(text: string, options: ControlOptions = {}): Promise<ControlResult> {
    if (isGone) throw failed("The sandbox is gone");
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
  }

  try {
    processId = await Promise.race([readChildPid(child.stdio[infoFd] as Readable), gone.then(() => 0)]);
    if (processId === 0) throw failed("bubblewrap could not start");
    plan.signal?.throwIfAborted();
    const { feed: feedFd, data: dataFd, report: reportFd } = GUEST_FD;
    control.send(
      `BASH_ARGV0=control; umask 022; ulimit -c 0; exec ${dataFd}>&4 ${reportFd}>&5 ${feedFd}<&6 3<&- 4>&- 5>&- 6<&-; exec ${infoFd}>&-`,
    );
    await run(UNCOVER_PROC);
    unrefAll(child);
  } catch (error) {
    await kill();
    for (const pipe of innerPipes) closeSync(pipe.host);
    throw error;
  }
  return { control, innerPipes, processId, run, gone, isGone: () => isGone, kill };
}

/** bwrap writes one small JSON document: {"child-pid": N, …}. */
async function readChildPid(info: Readable): Promise<number> {
  let text = "";
  for await (const bytes of info) {
    text += String(bytes);
    const found = /"child-pid":\s*(\d+)/.exec(text);
    if (found) return Number(found[1]);
  }
  return 0;
}

/** An open sandbox does not keep the process alive by itself; a call under way does. */
function unrefAll(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) (stream as { unref?: () => void } | null)?.unref?.();
}

function killQuietly(processId: number | undefined): void {
  if (!processId) return;
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}
