import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cloudPython } from "./python.ts";

/** For a `beforeAll` that starts moto: the first one on a machine installs it. */
export const MOTO_START_MS = 300_000;

/** AWS as far as moto plays it (S3, SQS, DynamoDB, Secrets Manager), in a process of its own with nothing in it. */
export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const script = fileURLToPath(new URL("moto_server.py", import.meta.url));
  const server = spawn(await cloudPython(), [script], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(server.stdout).once("line", resolve);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`moto ended with ${code} before it answered`)));
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
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
