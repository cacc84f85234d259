import { spawn, type ChildProcess } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { Readable } from "node:stream";
import { SandboxError } from "../../core/errors/index.ts";
import { isProcessAlive, ownerOfProcess, processTag, type ProcessOwner } from "./process-tag.ts";
import { OWNER_VARIABLE } from "./scratch.ts";
import { createShellPipes, guestEnds } from "./pipes.ts";
import { runningOnControl, type ControlOptions, type ControlResult } from "./run-on-control.ts";
import { createShellChannel, GUEST_FD, type ShellChannel } from "./shell-channel.ts";
import type { BwrapOption } from "./bwrap-option.ts";

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
  /** What control sees. */
  readonly view: readonly BwrapOption[];
  readonly network: boolean;
  /** Files of control groups to join before anything else runs. */
  readonly joinFiles: readonly string[];
  /** Where short-lived named pipes may be made. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
}

/** The outer wall: one bwrap with a bash of ours (`control`) as its first process. */
export interface Machine {
  /** Channels to control and to the two shells of the inner wall, which control has at descriptors 7 and up. */
  readonly shells: { readonly control: ShellChannel; readonly clerk: ShellChannel; readonly session: ShellChannel };
  /** The first process of the machine, as the host numbers it. */
  readonly processId: number;
  /** Script on control: output is its stdout, and stderr too when `status` is not 0. Throws SandboxError when the machine is gone or too slow. */
  readonly run: (script: string, options?: ControlOptions) => Promise<ControlResult>;
  readonly gone: Promise<void>;
  readonly isGone: () => boolean;
  /** Resolves when every process of the machine has ended. */
  kill(): Promise<void>;
}

const JOIN = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 125; shift; done; shift; exec "$@"';
/** The first that control is told: its own pipes lie at the descriptors that scripts know. */
export const TAKE_PIPES = `BASH_ARGV0=control; umask 022; ulimit -c 0; exec ${GUEST_FD.data}>&4 ${GUEST_FD.report}>&5 ${GUEST_FD.feed}<&6 3<&- 4>&- 5>&- 6<&-`;
/** The kernel allows a new /proc further in only while this one is whole; bwrap covers parts of it when root starts it. */
const UNCOVER_PROC =
  "[[ $(</proc/self/mountinfo) != *' /proc/'* ]] || umount /proc/bus /proc/irq /proc/sys /proc/sysrq-trigger 2>/dev/null; :";

export async function startMachine(plan: MachinePlan): Promise<Machine> {
  const pipes = await createShellPipes(plan.scratch, 3);
  const guests = guestEnds(pipes);
  const infoFd = 3 + guests.length;
  const walls: BwrapOption[] = [
    ["--unshare-user"],
    ["--unshare-all"],
    ["--uid", "0"],
    ["--gid", "0"],
    ["--hostname", "testbed"],
    // Control ends when its script does, that is with this process. That is enough for a workspace, and safer: bwrap killed by
    // its parent's death in the wrong moment leaves a child that waits for ever. Long work, as in an install, is killed at once.
    ...(plan.network ? [["--share-net"], ["--die-with-parent"]] : []),
    ["--new-session"],
    ["--as-pid-1"],
    ["--cap-drop", "ALL"],
    ...CONTROL_CAPABILITIES.map((name) => ["--cap-add", `CAP_${name}`]),
    ["--clearenv"],
    ["--setenv", "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    ["--setenv", "LC_ALL", "C"],
    ["--setenv", "HOME", "/nonexistent"],
    ...plan.view,
    ["--info-fd", String(infoFd)],
  ];
  const bwrap = ["bwrap", ...walls.flat(), "bash", "--noprofile", "--norc"];
  const child = spawn("/bin/sh", ["-c", JOIN, "sh", ...plan.joinFiles, "--", ...bwrap], {
    // Control reads its script from stdin: to open the pipe once more would block for ever, were this process killed just before.
    stdio: [guests[0]!, "ignore", "pipe", ...guests, "pipe"],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", [OWNER_VARIABLE]: processTag() },
  });
  for (const fd of guests) closeSync(fd);
  const control = createShellChannel(pipes[0]!);
  const clerk = createShellChannel(pipes[1]!);
  const session = createShellChannel(pipes[2]!);
  let isGone = false;
  let first: ProcessOwner | null = null;
  let complaint = "";
  const [, , stderr] = child.stdio;
  stderr?.on("data", (bytes: Buffer) => {
    if (complaint.length < 4000) complaint += bytes.toString("utf8");
  });
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isGone = true;
      // Usually gone with bwrap; not so when someone killed bwrap alone.
      if (first && isProcessAlive(first)) killQuietly(first.pid);
      for (const shell of [control, clerk, session]) shell.close();
      resolve();
    };
    child.once("exit", end);
    child.once("error", (error) => {
      complaint ||= error.message;
      end();
    });
  });

  const info = child.stdio[infoFd];
  if (!(info instanceof Readable)) throw new TypeError("bwrap's information comes on a pipe");
  const childPid = readChildPid(info);
  const firstProcess = (): Promise<number> => Promise.race([childPid, gone.then(() => 0)]);
  async function kill(): Promise<void> {
    if (isGone) return;
    child.ref();
    // The first process takes the whole process namespace with it; bwrap itself ends only after that. Killed before it has told
    // that process's number, bwrap would leave it behind.
    killQuietly((await firstProcess()) || child.pid);
    await gone;
  }
  const failed = (what: string): SandboxError => {
    const said = complaint.trim();
    return new SandboxError("sandbox_failed", said ? `${what}: ${said}` : `${what}.`, {
      hint: "The workspace of this rollout is lost; the run goes on. If it happens again, look at memory and disk limits.",
    });
  };

  const run = runningOnControl({ control, isGone: () => isGone, kill, failed });

  try {
    first = ownerOfProcess(await firstProcess());
    if (!first) throw failed("bubblewrap could not start");
    plan.signal?.throwIfAborted();
    control.send(`${TAKE_PIPES}; exec ${infoFd}>&-`);
    await run(UNCOVER_PROC);
    unrefAll(child);
  } catch (error) {
    await kill();
    throw error;
  }
  return { shells: { control, clerk, session }, processId: first.pid, run, gone, isGone: () => isGone, kill };
}

/** bwrap writes one JSON document in several pieces, and dies of a pipe that is closed before the last. */
function readChildPid(info: Readable): Promise<number> {
  return new Promise((resolve) => {
    let text = "";
    info.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      const found = text.includes("}") && /"child-pid":\s*(\d+)/.exec(text);
      if (found) resolve(Number(found[1]));
    });
  });
}

/** An open sandbox does not keep the process alive by itself; a call under way does. */
export function unrefAll(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}

function killQuietly(processId: number | undefined): void {
  if (!processId) return;
  try {
    process.kill(processId, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}
