import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Front, type FrontOptions, openFront } from "./front.ts";
import { cloudPython } from "./python.ts";
import { removeFolder, temporaryFolder } from "../folder.ts";

export const REGION = "us-east-1";

/** An account on this machine. */
export interface Ministack {
  /** For the tests and the CDK CLI. */
  readonly endpoint: string;
  /** What the tests and the CDK CLI act with: may do everything. The access key names the account, which the CDK CLI keeps by key. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Another way in, for one caller whose calls are to be known. Closed with the whole. */
  openFront(options?: FrontOptions): Promise<Front>;
  /** What it wrote, for failing tests. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

const START_MS = 60_000;
const STOP_MS = 10_000;

/**
 * Starts ministack on a free port of the loopback. Functions run as processes of this Node, with the credentials of their own roles, and
 * every call of theirs is checked against the policies that were deployed.
 */
export async function startMinistack(account: string): Promise<Ministack> {
  const folder = temporaryFolder();
  const port = await freePort();
  const credentials = { accessKeyId: account, secretAccessKey: "test" };
  const logFile = join(folder, "ministack.log");
  const server = spawn(await cloudPython(), ["-m", "ministack"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      // Nothing of the tests' own environment: functions would inherit it.
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      TMPDIR: folder,
      HOME: folder,
      BIND_HOST: "127.0.0.1",
      MINISTACK_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: REGION,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      // Policies are evaluated, and bucket policies refuse what does not come over TLS.
      AUTH: "true",
      USE_SSL: "1",
      IOT_MTLS_ENABLED: "0",
      LOG_LEVEL: "INFO",
    },
  });
  const log = createWriteStream(logFile);
  server.stdout.pipe(log, { end: false });
  server.stderr.pipe(log, { end: false });
  const exited = once(server, "exit");
  const fronts: Front[] = [];
  const open: Ministack["openFront"] = async (options = {}) => {
    const front = await openFront({ port, ca: await readFile(join(folder, "ministack-tls/server.crt"), "utf8") }, options);
    fronts.push(front);
    return front;
  };
  try {
    await untilListening(port, () => server.exitCode === null);
    const { endpoint } = await open();
    const health = await fetch(`${endpoint}/_ministack/health`);
    if (!health.ok) throw new Error(`It answers with ${health.status}.`);
    return { endpoint, credentials, openFront: open, log: () => readFile(logFile, "utf8"), stop };
  } catch (error) {
    server.kill("SIGKILL");
    throw new Error(`ministack did not start:\n${await readFile(logFile, "utf8")}`, { cause: error });
  }

  async function stop(): Promise<void> {
    await Promise.all(fronts.map((front) => front.close()));
    server.kill("SIGTERM");
    const late = setTimeout(() => server.kill("SIGKILL"), STOP_MS);
    await exited;
    clearTimeout(late);
    log.end();
    await removeFolder(folder);
  }
}

async function untilListening(port: number, isAlive: () => boolean): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (error) {
      if (!isAlive() || Date.now() > deadline) throw error;
    } finally {
      socket.destroy();
    }
    await wait(50);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("The probe has no port.");
  return address.port;
}
