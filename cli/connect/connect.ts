import { constants } from "node:os";
import { InputError } from "../../core/errors/index.ts";
import { ExitWith } from "../exit-code.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import { reachEndpoint } from "./endpoint.ts";
import { clientEnvironment, clientSettings, type Connection } from "./environment.ts";
import { findClient, versionOf } from "./find-client.ts";
import type { ConnectFlags } from "./flags.ts";
import { type OwnGateway, startOwnGateway } from "./own-gateway.ts";
import { runClient } from "./run-client.ts";
import { writeSettings } from "./session-files.ts";
import { rememberTerminal } from "./terminal.ts";

/** `serac connect`: ends as the client ends, and leaves nothing running. */
export async function connect(args: readonly string[], flags: ConnectFlags, io: Io): Promise<void> {
  if ((flags.endpoint === undefined) === (flags.upstream === undefined)) {
    throw new InputError("usage", "Give either --endpoint, a gateway that is running, or --upstream, a model server.", {
      hint: "For example `serac connect --upstream http://127.0.0.1:8000`.",
    });
  }
  const { program, connection, own } = await interruptibly(() => prepare(flags, io));
  try {
    await runSession(program, args, connection, io);
  } finally {
    const summary = await own?.close();
    if (summary !== undefined) io.err.tell(`${summary}\n`);
    // What the client itself says about resuming names the settings file, which is gone.
    if (process.stdin.isTTY && !args.includes("-p")) io.err.tell("To go on with the session: the same command, with -- --continue.\n");
  }
}

interface Prepared {
  readonly program: string;
  readonly connection: Connection;
  readonly own: OwnGateway | null;
}

async function prepare(flags: ConnectFlags, io: Io): Promise<Prepared> {
  const program = await findClient(flags.claude, io);
  const version = await versionOf(program, io.env);
  const own = flags.endpoint === undefined ? await startOwnGateway(flags, io) : null;
  const found = own?.connection ?? (await reachEndpoint(flags.endpoint ?? "", flags, io));
  const connection: Connection = { ...found, version };
  io.err.tell(startingText(connection));
  own?.hush();
  return { program, connection, own };
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** While there is no client that they could be meant for, signals end this process, by way of what is cleaned up when it exits. */
async function interruptibly<Result>(work: () => Promise<Result>): Promise<Result> {
  const leave = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);
  for (const signal of SIGNALS) process.on(signal, leave);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, leave);
  }
}

async function runSession(program: string, args: readonly string[], connection: Connection, io: Io): Promise<void> {
  const hasOwnSettings = args.some((arg) => arg === "--settings" || arg.startsWith("--settings="));
  if (hasOwnSettings) io.err.tell("note: --settings is yours alone; variables in a settings file win over those that are set here.\n");
  using settings = writeSettings(clientSettings(connection));
  const restore = rememberTerminal(io);
  const { code, wasKilled } = await runClient({
    program,
    args: hasOwnSettings ? args : ["--settings", settings.path, ...args],
    env: clientEnvironment(io.env, connection),
    cwd: io.cwd,
  });
  restore(wasKilled);
  if (code !== 0) throw new ExitWith(code);
}

function startingText(connection: Connection): string {
  const { model, baseUrl, contextTokens, version } = connection;
  const window = contextTokens === null ? "" : `, window ${counted(contextTokens, "token")}`;
  const name = version === null ? "Claude Code" : `Claude Code ${version.join(".")}`;
  return `${name} on ${model}${window}, through ${baseUrl}.\n${windowNote(connection)}`;
}

function windowNote({ contextTokens, version }: Connection): string {
  // 1.0.128 assumes 200,000 tokens, has no variable for it, and ends a headless session at the first refusal.
  if (version !== null && version[0] < 2) {
    return "note: Claude Code before 2.0 cannot be told the window: long sessions end when it is full. Update it.\n";
  }
  if (contextTokens !== null) return "";
  return "note: the window is not known, so long conversations are compacted only when the server refuses them; --context-tokens sets it.\n";
}
