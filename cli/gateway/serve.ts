import { InputError } from "../../core/errors/index.ts";
import type { RequestRecord } from "../../core/gateway/deps.ts";
import type { KeyRecord } from "../../core/gateway/keys.ts";
import type { ServedModel } from "../../core/gateway/served-model.ts";
import { EXIT } from "../exit-code.ts";
import { counted } from "../format/count.ts";
import { watchInterrupts } from "../interrupts.ts";
import { COMMAND } from "../invocation.ts";
import type { Io } from "../io.ts";
import { wholeOf } from "./flag-values.ts";
import type { ServingFlags } from "./flags.ts";
import type { KeyLimits } from "./key-file.ts";
import { newKeyText } from "./new-key.ts";
import { openGateway } from "./open.ts";
import { requestLine } from "./request-line.ts";
import { isLoopback } from "./server-address.ts";
import { servingOf } from "./serving.ts";
import { EMPTY_TALLY, tallyText, withRequest } from "./tally.ts";

export interface GatewayFlags extends ServingFlags {
  readonly port: string;
  readonly host: string;
  readonly keyEnv?: string;
  readonly keys?: string;
  readonly newKey?: string;
  readonly requestsPerMinute?: string;
  readonly tokensPerMinute?: string;
  readonly json?: true;
}

/** For answers under way when it is told to end. */
const GRACE_MS = 3000;
/** Past the grace, for the sockets to close. */
const FORCE_MS = GRACE_MS + 2000;

/** `serac gateway`: serves until it is told to end. */
export async function serve(flags: GatewayFlags, io: Io): Promise<void> {
  if (flags.newKey !== undefined) return io.out.write(newKeyText(idOf(flags.newKey)));
  const serving = servingOf(flags, io);
  const port = wholeOf("--port", flags.port, { from: 0, to: 65_535 }) ?? 0;
  const keys = await keysOf(flags, io);
  let tally = EMPTY_TALLY;
  const onRequest = (record: RequestRecord): void => {
    tally = withRequest(tally, record);
    io.out.tell(flags.json ? `${JSON.stringify({ event: "request", ...record })}\n` : requestLine(record));
  };
  const gateway = await openGateway(
    {
      serving,
      listening: { host: flags.host, port, graceMs: GRACE_MS },
      keys,
      captureFolder: flags.capture ?? null,
      requiresUpstream: flags.requireUpstream === true,
      onRequest,
      onNote: (text) => io.err.tell(`note: ${text}\n`),
    },
    io,
  );
  const model = gateway.model();
  await io.out.write(
    flags.json
      ? `${JSON.stringify({ event: "listening", url: gateway.url, ...model, keys: keys?.length ?? null })}\n`
      : listeningText(gateway.url, model, serving.target.rootUrl, flags),
  );
  await untilInterrupted(io, () => gateway.close());
  await io.out.write(flags.json ? `${JSON.stringify({ event: "stopped", ...tally })}\n` : `${tallyText(tally, serving.price)}\n`);
}

async function untilInterrupted(io: Io, close: () => Promise<void>): Promise<void> {
  const interrupts = watchInterrupts({
    graceMs: FORCE_MS,
    onFirst: () => io.err.tell("Stopping: answers under way may end. Press Ctrl-C again to stop at once.\n"),
    onForce: () => process.exit(EXIT.done),
  });
  await new Promise<void>((told) => interrupts.signal.addEventListener("abort", () => told(), { once: true }));
  await close();
  interrupts.stop();
}

/** Null: nobody needs a key, so nobody but this machine may come. */
async function keysOf(flags: GatewayFlags, io: Io): Promise<readonly KeyRecord[] | null> {
  const limits: KeyLimits = {
    requestsPerMinute: wholeOf("--requests-per-minute", flags.requestsPerMinute, { from: 1, to: 1_000_000 }),
    tokensPerMinute: wholeOf("--tokens-per-minute", flags.tokensPerMinute, { from: 1, to: 1_000_000_000 }),
  };
  if (flags.keyEnv !== undefined && flags.keys !== undefined) {
    throw new InputError("usage", "--key-env and --keys cannot both be given.", {
      hint: "An entry of the file may name a variable: keyEnv.",
    });
  }
  if (flags.keyEnv !== undefined || flags.keys !== undefined) {
    const { keyOfEnvironment, readKeyFile } = await import("./key-file.ts");
    if (flags.keys !== undefined) return readKeyFile(flags.keys, limits, io);
    return [keyOfEnvironment(flags.keyEnv ?? "", limits, flags.capture !== undefined, io)];
  }
  if (limits.requestsPerMinute !== null || limits.tokensPerMinute !== null) {
    throw new InputError("usage", "Limits are counted by key, and there is none.", { hint: "Add --key-env or --keys." });
  }
  if (isLoopback(flags.host)) return null;
  throw new InputError("usage", `--host: without keys the gateway listens to this machine alone, not on ${flags.host}.`, {
    hint: `Make a key with \`${COMMAND} gateway --new-key NAME\` and give --keys FILE, or name a variable with --key-env.`,
  });
}

function idOf(id: string): string {
  if (/^[\w.@-]{1,64}$/.test(id)) return id;
  throw new InputError("usage", `--new-key: found ${JSON.stringify(id)}; allowed: letters, digits and . _ @ -, 64 at most.`);
}

function listeningText(url: string, model: ServedModel, upstreamUrl: string, flags: GatewayFlags): string {
  const window = model.contextTokens === null ? "window not known yet" : `window ${counted(model.contextTokens, "token")}`;
  const isOpen = flags.keyEnv === undefined && flags.keys === undefined;
  const reach = url.replace(/\/\/(0\.0\.0\.0|\[::\])/, "//127.0.0.1");
  const variable = flags.keyEnv ?? "SERAC_KEY";
  const token = isOpen ? "any" : `"$${variable}"`;
  return `Gateway at ${url}: ${model.name} from ${upstreamUrl}, profile ${model.profile}, ${window}. Ctrl-C ends it.
Claude Code:
  export ANTHROPIC_BASE_URL=${reach} ANTHROPIC_AUTH_TOKEN=${token}
  export ANTHROPIC_MODEL=${shellWord(model.name)}
or, with its windows and time limits set as well: ${COMMAND} connect --endpoint ${reach}${isOpen ? "" : ` --key-env ${variable}`}
`;
}

const shellWord = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
