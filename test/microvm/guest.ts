import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The container of a machine: what its Dockerfile copied, started as it says, on ports that are free. */
export interface Guest {
  /** Of the hooks, once it listens. */
  readonly hookPort: Promise<number>;
  /** Of the tool server, once the run hook started it. */
  toolPort(): number | null;
  readonly log: readonly string[];
  /** `path` as in `/ready`; the status. 0 when it has ended. */
  hook(name: string, body: string): Promise<number>;
  readonly gone: Promise<void>;
  kill(): Promise<void>;
}

/** Copies what the Dockerfile copies; throws the service's words for one that cannot be built. */
export function installRoot(files: ReadonlyMap<string, Buffer>, root: string): readonly string[] {
  const dockerfile = files.get("Dockerfile")?.toString("utf8");
  if (dockerfile === undefined) throw new Error("ARCHIVE_DOCKERFILE_NOT_FOUND");
  if (!/^ARG BASE_IMAGE=\S+\nFROM \$\{BASE_IMAGE\}$/m.test(dockerfile) || !/^EXPOSE 8080 9000$/m.test(dockerfile)) {
    throw new Error("CONTAINER_BUILD_FAILED");
  }
  for (const [, words] of dockerfile.matchAll(/^COPY (.+)$/gm)) {
    const names = words!.split(" ");
    const target = names.pop()!;
    for (const name of names) {
      const content = files.get(name);
      if (content === undefined) throw new Error("CONTAINER_BUILD_FAILED");
      mkdirSync(path.join(root, target), { recursive: true });
      writeFileSync(path.join(root, target, name), content);
    }
  }
  const command: unknown = JSON.parse(/^CMD (\[.+\])$/m.exec(dockerfile)?.[1] ?? "null");
  if (!Array.isArray(command) || command[0] !== "node") throw new Error("CONTAINER_BUILD_FAILED");
  return command.slice(1).map(String);
}

/** Ends with the process that starts it, however that ends. */
export function startGuest(root: string, command: readonly string[]): Guest {
  const [program = "", ...rest] = command;
  const child: ChildProcess = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, path.join(root, program), ...rest], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      SERAC_SANDBOX_BASE: path.join(root, "base"),
      SERAC_SANDBOX_HOST: "127.0.0.1",
      SERAC_SANDBOX_TOOL_PORT: "0",
      SERAC_SANDBOX_HOOK_PORT: "0",
    },
  });
  const log: string[] = [];
  const heard = Promise.withResolvers<number>();
  heard.promise.catch(() => {});
  let partial = "";
  const listen = (bytes: Buffer): void => {
    const lines = (partial + bytes.toString("utf8")).split("\n");
    partial = lines.pop()!;
    log.push(...lines);
    const port = portIn(lines, "hooks are answered on port");
    if (port !== null) heard.resolve(port);
  };
  child.stdout!.on("data", listen);
  child.stderr!.on("data", listen);
  const gone = once(child, "exit").then(() => heard.reject(new Error(`The guest ended: ${log.join("\n")}`)));
  return {
    hookPort: heard.promise,
    toolPort: () => portIn(log, "the workspace is served on port"),
    log,
    async hook(name, body) {
      const port = await heard.promise.catch(() => null);
      if (port === null) return 0;
      const address = `http://127.0.0.1:${port}/aws/lambda-microvms/runtime/v1/${name}`;
      for (;;) {
        try {
          return (await fetch(address, { method: "POST", body })).status;
        } catch {
          // A connection that a busy machine did not accept in time says nothing about the guest.
          if (child.exitCode !== null || child.signalCode !== null) return 0;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    },
    gone,
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function portIn(lines: readonly string[], words: string): number | null {
  const line = lines.findLast((text) => text.includes(words));
  return line === undefined ? null : Number(/(\d+)$/.exec(line)?.[1]);
}
