import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cloudPython } from "./python.ts";

/** AWS as far as moto plays it (S3, SQS, DynamoDB, Secrets Manager), in a process of its own with nothing in it. */
export interface Moto {
  readonly endpoint: string;
  /** Moves SQS's clock, where it is a manual one. */
  passQueueTime(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export interface MotoOptions {
  /** Tasks are hidden and delayed by SQS's own clock, which stands still until the test moves it. */
  readonly hasManualQueueClock?: boolean;
}

export async function startMoto({ hasManualQueueClock = false }: MotoOptions = {}): Promise<Moto> {
  const script = fileURLToPath(new URL("moto_server.py", import.meta.url));
  const server = spawn(await cloudPython(), [script, ...(hasManualQueueClock ? ["--manual-queue-clock"] : [])], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once("line", resolve);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`moto ended with ${code} before it answered`)));
  });
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    passQueueTime: async (ms) => {
      const answer = await fetch(`${endpoint}/serac/queue-clock`, { method: "POST", body: String(ms) });
      if (!answer.ok) throw new Error(`moto answered ${answer.status}`);
    },
    stop: async () => {
      server.stdin.end();
      await ended;
    },
  };
}

/** What an SDK client needs to talk to an emulator and to nothing else. */
export const emulated = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  /** For S3: a bucket has no host name of its own on an address. */
  forcePathStyle: true,
});
