import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { run } from "../process.ts";

export interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Where it listens. Null: at the first address that it prints. */
  readonly url: string | null;
}

/** What is measured gets a core of its own; mock and load generator share the next. */
export const SERVER_CORE = 0;
export const OTHER_CORE = 1;

const STARTS_IN_MS = 90_000;

let hasTaskset: boolean | undefined;

/** A command line that keeps to one core, where the machine has the means and two cores at least. */
export async function pinned(core: number, command: string, args: readonly string[]): Promise<readonly [string, readonly string[]]> {
  hasTaskset ??=
    availableParallelism() > 1 &&
    (await run("taskset", ["--version"]).then(
      () => true,
      () => false,
    ));
  return hasTaskset ? ["taskset", ["-c", String(core), command, ...args]] : [command, args];
}

/** Starts a server and waits until it takes connections. `taskset` becomes the server, so that its pid is the server's. */
export async function startServer(core: number, launch: Launch): Promise<Server> {
  const [command, args] = await pinned(core, launch.command, launch.args);
  const child = spawn(command, args, {
    cwd: launch.cwd,
    env: launch.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  let printed = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(0, 20_000);
    said = (said + text).slice(-20_000);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-20_000)));
  const stop = async (): Promise<void> => {
    child.kill();
    const hard = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await closed;
    clearTimeout(hard);
  };
  const deadline = performance.now() + STARTS_IN_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    const url = launch.url === null ? /https?:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] : launch.url;
    if (url !== undefined && (await listens(url))) return { url, pid: child.pid!, stop };
    await wait(50);
  }
  await stop();
  throw new Error(`${launch.command} ${launch.args.join(" ")} does not listen\n${said.slice(-2_000)}`);
}

function listens(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((settle) => {
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      settle(true);
    });
    socket.once("error", () => settle(false));
  });
}
