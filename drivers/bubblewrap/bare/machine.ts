import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { SandboxError } from "../../../core/errors/index.ts";
import { TAKE_PIPES, unrefAll, type Machine } from "../machine.ts";
import { createShellPipes, guestEnds } from "../pipes.ts";
import { runningOnControl } from "../run-on-control.ts";
import { createShellChannel } from "../shell-channel.ts";
import { endOthers, lineage } from "./processes.ts";

/** As with walls: programs of the system, in the plain language. */
const CONTROL_ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", HOME: "/nonexistent" };

export interface BareMachine extends Machine {
  /** Ends everything that is not ours. */
  endOthers(): Promise<void>;
  /** Whether a process is one of ours. */
  readonly isOurs: (processId: number) => boolean;
}

/** Control without a wall around it, for a machine that holds nothing but one workspace and is a wall itself. */
export async function startBareMachine(scratch: string): Promise<BareMachine> {
  const pipes = await createShellPipes(scratch, 3);
  const guests = guestEnds(pipes);
  const child = spawn("bash", ["--noprofile", "--norc"], {
    stdio: [guests[0]!, "ignore", "ignore", ...guests],
    cwd: "/",
    env: CONTROL_ENVIRONMENT,
    // The agent's commands end their own process group now and then.
    detached: true,
  });
  for (const fd of guests) closeSync(fd);
  const [control, clerk, session] = [createShellChannel(pipes[0]!), createShellChannel(pipes[1]!), createShellChannel(pipes[2]!)];
  const before = lineage();
  const isOurs = (pid: number): boolean => pid === child.pid || before.has(pid);
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      isGone = true;
      for (const shell of [control, clerk, session]) shell.close();
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });
  const failed = (what: string): SandboxError => new SandboxError("sandbox_failed", `${what}.`);

  async function kill(): Promise<void> {
    child.ref();
    child.kill("SIGKILL");
    await gone;
    await endOthers(before);
  }

  const run = runningOnControl({ control, isGone: () => isGone, kill, failed });
  try {
    control.send(TAKE_PIPES);
    await run(":");
    unrefAll(child);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    shells: { control, clerk, session },
    processId: child.pid!,
    run,
    gone,
    isGone: () => isGone,
    kill,
    endOthers: () => endOthers(new Set([...before, child.pid!])),
    isOurs,
  };
}
