import { InputError } from "../../core/errors/index.ts";
import { ExitWith } from "../exit-code.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import { reachEndpoint } from "./endpoint.ts";
import { clientEnvironment, clientSettings, type Connection } from "./environment.ts";
import { findClient, versionOf } from "./find-client.ts";
import type { ConnectFlags } from "./flags.ts";
import { startOwnGateway } from "./own-gateway.ts";
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
  const program = await findClient(flags.claude, io);
  const version = await versionOf(program, io.env);
  const own = flags.endpoint === undefined ? await startOwnGateway(flags, io) : null;
  try {
    const found = own?.connection ?? (await reachEndpoint(flags.endpoint ?? "", flags, io));
    const connection: Connection = { ...found, version };
    io.err.tell(startingText(connection));
    own?.hush();
    await runSession(program, args, connection, io);
  } finally {
    const summary = await own?.close();
    if (summary !== undefined) io.err.tell(`${summary}\n`);
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
