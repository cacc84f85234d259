import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { BARE_LINKS } from "../../drivers/bubblewrap/bare/places.ts";

/** What came of one invocation. */
export type Outcome = { readonly is: "answer" | "error"; readonly payload: Buffer } | { readonly is: "ended"; readonly how: string };

/** An execution environment: the bundle's process, to which the service speaks over the runtime API. */
export interface FakeEnvironment {
  readonly tenant: string;
  isBusy: boolean;
  readonly isGone: () => boolean;
  invoke(requestId: string, event: Buffer): Promise<Outcome>;
  kill(): Promise<void>;
}

const ROOT_LINKS = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "ASIATEST", AWS_SECRET_ACCESS_KEY: "test", AWS_SESSION_TOKEN: "test" };

/**
 * As near as bubblewrap comes to an environment of Lambda's: a user of no rights, who can make no namespaces; everything read-only but an
 * empty /tmp; the links and the entrypoint of the image.
 */
export async function startEnvironment(tenant: string, folder: string): Promise<FakeEnvironment> {
  let waiting: ServerResponse | null = null;
  let onWaiting: (() => void) | null = null;
  let onOutcome: ((outcome: Outcome) => void) | null = null;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? "").replace("/2018-06-01/runtime/invocation/", "");
    if (request.method === "GET" && path === "next") {
      waiting = response;
      onWaiting?.();
      return;
    }
    response.writeHead(202).end("{}");
    onOutcome?.({ is: path.endsWith("/response") ? "answer" : "error", payload: Buffer.concat(chunks) });
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const child = startBundle(folder, `127.0.0.1:${port}`);
  let gone: string | null = null;
  let complaint = "";
  child.stderr?.on("data", (bytes: Buffer) => (complaint = (complaint + bytes.toString("utf8")).slice(-2_000)));
  const ended = once(child, "exit").then(([code, signal]) => {
    gone = `Runtime exited with error: ${signal === null ? `exit status ${String(code)}` : `signal: ${String(signal)}`} ${complaint}`;
    onOutcome?.({ is: "ended", how: gone });
    onWaiting?.();
    server.closeAllConnections();
    server.close();
  });

  const isReady = (): boolean => waiting !== null || gone !== null;
  return {
    tenant,
    isBusy: false,
    isGone: () => gone !== null,
    async invoke(requestId, event) {
      while (!isReady()) {
        await new Promise<void>((resolve) => {
          onWaiting = resolve;
        });
      }
      if (waiting === null) return { is: "ended", how: gone ?? "" };
      const response: ServerResponse = waiting;
      waiting = null;
      const outcome = new Promise<Outcome>((resolve) => {
        onOutcome = resolve;
      });
      response.writeHead(200, {
        "lambda-runtime-aws-request-id": requestId,
        "lambda-runtime-aws-tenant-id": tenant,
        "lambda-runtime-invocation-id": requestId,
        "content-length": event.length,
      });
      response.end(event);
      return outcome;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function startBundle(folder: string, runtimeApi: string): ChildProcess {
  const system = ROOT_LINKS.flatMap((name) => {
    const stat = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) return ["--symlink", readlinkSync(`/${name}`), `/${name}`];
    return stat?.isDirectory() ? ["--ro-bind", `/${name}`, `/${name}`] : [];
  });
  const etc = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ssl"]
    .filter((path) => existsSync(path))
    .flatMap((path) => ["--ro-bind", path, path]);
  const variables = { PATH: "/usr/local/bin:/usr/bin:/bin", LANG: "en_US.UTF-8", AWS_LAMBDA_RUNTIME_API: runtimeApi, ...CREDENTIALS };
  const options = [
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--disable-userns", "--cap-drop", "ALL"],
    ...["--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session", "--clearenv"],
    ...Object.entries(variables).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--ro-bind", "/usr", "/usr", ...system, ...etc, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
    ...["--ro-bind", folder, "/opt/serac", "--ro-bind", process.execPath, "/opt/node"],
    ...Object.entries(BARE_LINKS).flatMap(([at, target]) => ["--symlink", target, at]),
    ...["--remount-ro", "/", "--chdir", "/"],
  ];
  const entrypoint = ["/usr/bin/env", "-u", "AWS_ACCESS_KEY_ID", "-u", "AWS_SECRET_ACCESS_KEY", "-u", "AWS_SESSION_TOKEN"];
  return spawn("bwrap", [...options, ...entrypoint, "/opt/node", "/opt/serac/server.mjs"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
}
