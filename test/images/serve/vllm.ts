import { spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { removeFolder, temporaryFolder } from "../../folder.ts";
import { vllmPython } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("serve.py", import.meta.url));

export interface VllmServer extends AsyncDisposable {
  /** The root, without `/v1`. */
  readonly url: string;
}

/** What makes it the same on every processor, and small: nothing is compiled, and one process has one thread. */
const SMALL = ["--dtype", "float32", "--enforce-eager", "--max-num-seqs", "4"];

const ENVIRONMENT = {
  VLLM_CPU_KVCACHE_SPACE: "1",
  VLLM_CPU_OMP_THREADS_BIND: "nobind",
  OMP_NUM_THREADS: "1",
  VLLM_NO_USAGE_STATS: "1",
  HF_HUB_OFFLINE: "1",
  VLLM_HOST_IP: "127.0.0.1",
};

/**
 * Real vLLM on a processor, started with the words of a command `vllm serve …`. The package for processors calls itself vllm-cpu, which its
 * own script `vllm` does not find; the server behind it is the same, and takes the same flags.
 */
export async function startVllm([program, verb, model = "", ...flags]: readonly string[]): Promise<VllmServer> {
  if (program !== "vllm" || verb !== "serve") throw new TypeError(`Not a command that serves: ${program} ${verb}`);
  const python = await vllmPython();
  const [port, home] = [await freePort(), temporaryFolder()];
  const server = [SCRIPT, "--model", model, "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(python, [...server, ...flags, ...SMALL], {
    // Sockets of its parts, which it leaves behind, lie in the temporary folder.
    env: { ...process.env, ...ENVIRONMENT, HOME: home, TMPDIR: home, VLLM_CACHE_ROOT: `${home}/cache` },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: its workers end with it, whatever happens to it.
    detached: true,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-20_000)));
  const stop = async (): Promise<void> => {
    await stopGroup(child);
    await removeFolder(home);
  };
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      await stop();
      throw new Error(`vLLM ended before it served anything.\n${said}`);
    }
    await sleep(100);
  }
  return { url, [Symbol.asyncDispose]: stop };
}

const isHealthy = (url: string): Promise<boolean> =>
  fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );

/** It ends its workers and takes its shared memory away; what does not end in time is killed. */
async function stopGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const ended = new Promise((done) => child.once("close", done));
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-pid, name);
    } catch {
      // Nobody of the group is left.
    }
  };
  signal("SIGTERM");
  const killer = setTimeout(() => signal("SIGKILL"), 20_000);
  if (child.exitCode === null && child.signalCode === null) await ended;
  clearTimeout(killer);
  signal("SIGKILL");
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}
