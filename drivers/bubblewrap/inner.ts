import { SandboxError } from "../../core/errors/index.ts";
import type { Machine } from "./machine.ts";
import { quoteAll } from "./quote.ts";
import { GUEST_FD, newNonce, plainReport } from "./shell-channel.ts";
import type { BwrapOption } from "./bwrap-option.ts";

export interface InnerPlan {
  readonly view: readonly BwrapOption[];
  readonly environment: Readonly<Record<string, string>>;
  readonly userId: number;
  /** Arguments of `ulimit`. */
  readonly resourceLimits: readonly string[];
}

/** What stands around everything of the agent's. */
export interface InnerWall {
  /** Command, up to the program that it is to run. */
  readonly command: string;
  /** Arguments of `ulimit`. */
  readonly resourceLimits: readonly string[];
  /** Ends every process inside and waits until they are gone. */
  readonly endAll: (machine: Machine) => Promise<unknown>;
}

/**
 * The inner wall, as a rule a second bwrap inside the machine, in which everything of the agent's runs, without any capability.
 * Its first shell, the clerk, is ours: it reads and writes files for the tools and starts the agent's shell. It is no
 * more trusted than the agent is, who can reach it and gains nothing by that.
 */
export interface Inner {
  /** A script on the clerk, its stdout and stderr together. Null when the clerk is gone or does not answer: restart it. */
  ask(script: string, options?: AskOptions): Promise<Answer | null>;
  /** Calls back when `token NUL status …` comes from the clerk. */
  expect(token: string, onStatus: (status: number) => void): () => void;
  /** Kills every process of the agent's and the clerk, waits until they have ended, and starts a new clerk. */
  restart(): Promise<void>;
  readonly isDown: () => boolean;
}

export interface AskOptions {
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly feed?: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly output: Buffer;
  readonly omittedBytes: number;
}

const ASK_TIMEOUT_MS = 15_000;
const RESTART_TIMEOUT_MS = 60_000;
const { data: DATA, report: REPORT, feed: FEED } = GUEST_FD;

/** No network, no namespaces of its own, no capability: on top of what every inner wall has. */
export const AGENT_ISOLATION: readonly BwrapOption[] = [["--unshare-net"], ["--disable-userns"], ["--cap-drop", "ALL"]];

/** The bwrap command of an inner wall, up to the program that it is to run. */
export function innerCommand(plan: InnerPlan, extra: readonly BwrapOption[]): string {
  const user = String(plan.userId);
  const options: BwrapOption[] = [
    ["--unshare-user"],
    ["--unshare-pid"],
    ["--unshare-ipc"],
    ["--unshare-uts"],
    ["--unshare-cgroup-try"],
    ...extra,
    ["--uid", user],
    ["--gid", user],
    ["--hostname", "testbed"],
    ["--die-with-parent"],
    ["--new-session"],
    ["--clearenv"],
    ...Object.entries(plan.environment).map(([name, value]) => ["--setenv", name, value]),
    ...plan.view,
  ];
  return quoteAll(["bwrap", ...options.flat(), "--"]);
}

/** Ends every process but control, which is the first one, and waits until they are gone. Starts no new process. */
export const KILL_ALL = `kill -9 -1 2>/dev/null; while set -- /proc/[0-9]*; (($# > 1)); do kill -9 -1 2>/dev/null; read -r -t 0.002 -u ${FEED}; done; wait 2>/dev/null; set --`;

export const bwrapWall = (plan: InnerPlan): InnerWall => ({
  command: innerCommand(plan, AGENT_ISOLATION),
  resourceLimits: plan.resourceLimits,
  endAll: (machine) => machine.run(KILL_ALL, { timeoutMs: RESTART_TIMEOUT_MS }),
});

export async function startInner(machine: Machine, { command, resourceLimits, endAll }: InnerWall, onDown: () => void): Promise<Inner> {
  const { control, clerk } = machine.shells;
  const limits = ["ulimit -c 0", ...resourceLimits.map((limit) => `ulimit ${limit}`)].join("; ");
  let isDown = true;
  let forgetDeath = nothing;

  async function start(): Promise<void> {
    const token = newNonce();
    const closed = `${DATA}>&- ${REPORT}>&- ${FEED}<&-`;
    const wall = `${command} bash --noprofile --norc /dev/fd/7 ${closed} </dev/null >/dev/null 2>&1`;
    isDown = false;
    forgetDeath = control.expect(token, () => {
      isDown = true;
      clerk.fail();
      onDown();
    });
    // When memory runs out, the kernel shall take a command and not the worker.
    clerk.send(
      `BASH_ARGV0=clerk; umask 022; exec ${DATA}>&8 ${REPORT}>&9 ${FEED}<&10 7<&- 8>&- 9>&- 10<&- 14<&- 2>/dev/null; echo 600 >/proc/self/oom_score_adj`,
    );
    await machine.run(`( ${limits}; ${wall}; printf '%s\\0%s\\0\\0\\0' ${token} "$?" >&${REPORT} ) &`);
    if (!(await ask(":", { timeoutMs: RESTART_TIMEOUT_MS }))) {
      // Once more, for what bwrap says: otherwise the agent could write to wherever its messages go.
      const again = await machine.run(`${command} true ${closed}`);
      throw new SandboxError("sandbox_failed", `The sandbox could not be started: ${again.output.toString("utf8").trim() || "no answer"}.`);
    }
  }

  async function restart(): Promise<void> {
    forgetDeath();
    isDown = true;
    clerk.fail();
    await endAll(machine);
    clerk.reset();
    await start();
  }

  async function ask(text: string, options: AskOptions = {}): Promise<Answer | null> {
    if (isDown) return null;
    const result = await clerk.run(`{ ${text}\n} </dev/null >&${DATA} 2>&${DATA}`, {
      reportLines: plainReport,
      timeoutMs: options.timeoutMs ?? ASK_TIMEOUT_MS,
      keepBytes: options.maxBytes ?? 16_000_000,
      stopBytes: Number.POSITIVE_INFINITY,
      ...(options.feed && { feed: options.feed }),
    });
    if (result.end !== "report") return null;
    return { status: result.report?.status ?? 0, output: result.output, omittedBytes: result.omittedBytes };
  }

  const noteEnd = async (): Promise<void> => {
    await machine.gone;
    isDown = true;
    onDown();
  };
  void noteEnd();
  await start();

  return {
    ask,
    expect: (token, onStatus) => clerk.expect(token, (found) => onStatus(found.status)),
    restart,
    isDown: () => isDown,
  };
}

function nothing(): void {}
