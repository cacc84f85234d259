import { spawn } from "node:child_process";
import { once } from "node:events";

/** A container: what AWS Batch starts, with signals as AWS sends them. */
export interface BatchProcess {
  /** Null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and SIGKILL after a while: what ECS does to a container that is to stop. */
  stop(killAfterMs: number): void;
  kill(): void;
  /** What it wrote, both streams. */
  said(): string;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const KEPT_BYTES = 1 << 20;

export function startProcess({ command, args, env, cwd }: Program): BatchProcess {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"], ...(cwd === undefined ? {} : { cwd }) });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-KEPT_BYTES)));
  let late: NodeJS.Timeout | undefined;
  const ended = once(child, "close").then(
    ([code]: unknown[]) => {
      clearTimeout(late);
      return typeof code === "number" ? code : null;
    },
    (error: unknown) => {
      said += String(error);
      return 127;
    },
  );
  return {
    ended,
    stop: (killAfterMs) => {
      child.kill("SIGTERM");
      late ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    },
    kill: () => void child.kill("SIGKILL"),
    said: () => said,
  };
}
