import { type ChildProcess, spawn } from "node:child_process";
import { freshHome } from "./environment.ts";
import { type ClientVersion, installClient } from "./install.ts";

/** A line of the client's `stream-json` output. */
export type ClientEvent = Readonly<Record<string, unknown>>;

export interface ClientOptions {
  readonly version: ClientVersion;
  /** Of the gateway, without `/v1`. */
  readonly baseUrl: string;
  readonly cwd: string;
  /** One session: a prompt is sent when the one before it is answered. */
  readonly prompt: string | readonly string[];
  /** Further arguments, such as `--tools Bash,Read,Edit,Write` or `--model NAME`. */
  readonly args?: readonly string[];
  /** `bypassPermissions` unless given. */
  readonly permissionMode?: "default" | "acceptEdits" | "bypassPermissions" | "plan";
  /** What standard input holds beside the prompt; with several prompts there is none. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly apiKey?: string;
  /** After that the client and all it started are killed, and `isTimedOut` is true. */
  readonly timeoutMs?: number;
  /** Sees every event as it comes, and may act on it. */
  readonly onEvent?: (event: ClientEvent, client: RunningClient) => void;
}

export interface RunningClient {
  /** Writes one line to the client; only with several prompts, or with `[prompt]`. */
  send(line: unknown): void;
  kill(signal: NodeJS.Signals): void;
}

export interface ClientRun {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isTimedOut: boolean;
  readonly events: readonly ClientEvent[];
  readonly stdout: string;
  readonly stderr: string;
}

const USUAL_TIMEOUT_MS = 120_000;

/** Runs the real client headless to its end, in a home of its own. */
export async function runClient(options: ClientOptions): Promise<ClientRun> {
  const [program, ...before] = await installClient(options.version);
  await using home = await freshHome();
  const isConversation = typeof options.prompt !== "string";
  const child = spawn(program!, [...before, ...argumentsOf(options)], {
    cwd: options.cwd,
    env: {
      ...home.env,
      ANTHROPIC_BASE_URL: options.baseUrl,
      ANTHROPIC_AUTH_TOKEN: options.apiKey ?? "dummy",
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own, so that what it started can be ended with it.
    detached: true,
  });
  // It may end without having read everything.
  child.stdin.on("error", () => {});
  const waiting = isConversation ? [...options.prompt] : [];
  const client: RunningClient = {
    send: (line) => child.stdin.write(`${JSON.stringify(line)}\n`),
    kill: (signal) => killGroup(child, signal),
  };
  const next = (): void => {
    const text = waiting.shift();
    if (text === undefined) child.stdin.end();
    else client.send({ type: "user", message: { role: "user", content: [{ type: "text", text }] } });
  };
  if (isConversation) next();
  else child.stdin.end(options.input ?? "");
  // Awaited here: the home is removed when this function is left.
  return await watch(child, options, (event) => {
    options.onEvent?.(event, client);
    if (isConversation && event["type"] === "result") next();
  });
}

function argumentsOf({ prompt, args = [], permissionMode = "bypassPermissions" }: ClientOptions): string[] {
  const asked = typeof prompt === "string" ? ["-p", prompt] : ["-p", "--input-format", "stream-json"];
  const output = ["--output-format", "stream-json", "--verbose", "--include-partial-messages"];
  return [...asked, ...output, "--permission-mode", permissionMode, ...args];
}

function watch(child: ChildProcess, options: ClientOptions, onEvent: (event: ClientEvent) => void): Promise<ClientRun> {
  const events: ClientEvent[] = [];
  const output = { stdout: "", stderr: "", rest: "", isTimedOut: false };
  const timer = setTimeout(() => {
    output.isTimedOut = true;
    killGroup(child, "SIGKILL");
  }, options.timeoutMs ?? USUAL_TIMEOUT_MS);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
    const lines = (output.rest + text).split("\n");
    output.rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = eventOf(line);
      if (event === null) continue;
      events.push(event);
      onEvent(event);
    }
  });
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      killGroup(child, "SIGKILL");
      done({ code, signal, isTimedOut: output.isTimedOut, events, stdout: output.stdout, stderr: output.stderr });
    });
  });
}

/** Null for a line that is none: what a client prints when it does not even start. */
function eventOf(line: string): ClientEvent | null {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === "object" && json !== null ? (json as ClientEvent) : null;
  } catch {
    return null;
  }
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}
