import { once } from "node:events";
import { Option } from "commander";
import { InputError } from "../../core/errors/index.ts";
import type { Define } from "../define.ts";
import type { Io } from "../io.ts";
import { type Fault, type FaultMode, faultModes, startRehearsal } from "../platform.ts";

interface Flags {
  readonly port: string;
  readonly seed: string;
  readonly latency: string;
  readonly fault: readonly string[];
  readonly contextTokens?: string;
  readonly json?: true;
}

export const define: Define = (command, io) => {
  command
    .option("--port <n>", "port on the loopback interface; 0 takes a free one", "8399")
    .option("--seed <n>", "the replies depend on it, on the messages and on the tools, and on nothing else", "1")
    .option("--latency <ms>", "wait this long before each reply", "0")
    .option("--context-tokens <n>", "refuse longer prompts the way vLLM does")
    .addOption(
      new Option("--fault <mode[:rate]>", "misbehave in a share of the calls; may be repeated")
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], "none"),
    )
    .option("--json", "print one JSON document when it listens, and one with the counts at the end")
    .addHelpText(
      "after",
      `
An OpenAI-compatible server that plays agent, judge and writer from a script. Its data is stamped rehearsal and must not
be trained on for real use. The same faults are also models: <model>-fault-<mode>.

Examples:
  serac rehearse
  serac rehearse --port 0 --fault 429:0.1 --fault hang:0.01
  serac run . --teacher http://127.0.0.1:8399/v1 --model rehearsal --samples 20`,
    )
    .action((flags: Flags) => rehearse(flags, io));
};

const LARGEST_PORT = 65_535;

async function rehearse(flags: Flags, io: Io): Promise<void> {
  const modes = await faultModes();
  const port = whole("--port", flags.port, LARGEST_PORT);
  const teacher = await startRehearsal({
    port,
    seed: whole("--seed", flags.seed, Number.MAX_SAFE_INTEGER),
    latencyMs: whole("--latency", flags.latency, 3_600_000),
    faults: flags.fault.map((text) => faultOf(text, modes)),
    ...(flags.contextTokens === undefined ? {} : { contextTokens: whole("--context-tokens", flags.contextTokens, 100_000_000) }),
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EADDRINUSE" && cause.code !== "EACCES") throw cause;
    const why = cause.code === "EADDRINUSE" ? "is taken by another process" : "may not be used without more rights";
    throw new InputError("usage", `--port: port ${port} ${why}.`, { hint: "Choose another, or 0 for a free one.", cause });
  });
  const { url, model } = teacher;
  await io.out.write(
    flags.json ? `${JSON.stringify({ url, model })}\n` : `The rehearsal teacher answers at ${url} as ${model}. Ctrl-C ends it.\n`,
  );
  await Promise.race((["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => once(process, signal)));
  const stats = teacher.stats();
  await teacher.close();
  if (flags.json) await io.out.write(`${JSON.stringify(stats)}\n`);
}

function whole(flag: string, text: string, largest: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= largest) return value;
  throw new InputError("usage", `${flag}: found ${JSON.stringify(text)}; allowed: a whole number from 0 to ${largest}.`);
}

function faultOf(text: string, modes: readonly FaultMode[]): Fault {
  const [name, share, ...rest] = text.split(":");
  const mode = modes.find((known) => known === name);
  const rate = share === undefined ? undefined : Number(share);
  const isShare = rate === undefined || (share !== "" && rate >= 0 && rate <= 1);
  if (mode !== undefined && isShare && rest.length === 0) return { mode, ...(rate === undefined ? {} : { rate }) };
  throw new InputError(
    "usage",
    `--fault: found ${JSON.stringify(text)}; allowed: ${modes.join(", ")}, each with an optional share such as :0.1.`,
  );
}
