import { Command } from "commander";
import type { Define } from "./define.ts";
import type { Io } from "./io.ts";
import { version } from "./version.ts";

interface CommandEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Only the command that is called is loaded: `serac --help` reads no other file. */
  readonly load: () => Promise<{ readonly define: Define }>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: "survey", usage: "<repo>", summary: "list the functions of a repository", load: () => import("./commands/survey.ts") },
  {
    name: "estimate",
    usage: "[repo|config]",
    summary: "what a run would cost: samples, tokens, money, hours",
    load: () => import("./commands/estimate.ts"),
  },
  { name: "run", usage: "[repo]", summary: "turn a repository into a verified dataset", load: () => import("./commands/run.ts") },
  { name: "resume", usage: "<run>", summary: "go on with a paused or interrupted run", load: () => import("./commands/resume.ts") },
  {
    name: "cancel",
    usage: "<run>",
    summary: "end a run for good; what it accepted can still be exported",
    load: () => import("./commands/cancel.ts"),
  },
  { name: "status", usage: "[run]", summary: "where a run stands, or the list of runs", load: () => import("./commands/status.ts") },
  {
    name: "show",
    usage: "<sample>",
    summary: "read one sample: prompts, steps, both patches, score",
    load: () => import("./commands/show.ts"),
  },
  {
    name: "export",
    usage: "<run>",
    summary: "write the dataset of a run in a training format",
    load: () => import("./commands/export.ts"),
  },
  {
    name: "train",
    usage: "[run|folder]",
    summary: "train a model on the dataset of a run",
    load: () => import("./commands/train.ts"),
  },
  {
    name: "models",
    usage: "[action] [model]",
    summary: "the trained models: where they come from, and what to do with them",
    load: () => import("./commands/models.ts"),
  },
  { name: "score", usage: "", summary: "compare two patches: recall and precision", load: () => import("./commands/score.ts") },
  {
    name: "rehearse",
    usage: "",
    summary: "serve the rehearsal teacher, a scripted stand-in for a model",
    load: () => import("./commands/rehearse.ts"),
  },
  { name: "gateway", usage: "", summary: "put a served model behind Claude Code", load: () => import("./commands/gateway.ts") },
  {
    name: "connect",
    usage: "[args...]",
    summary: "start Claude Code on a served model",
    load: () => import("./commands/connect.ts"),
  },
];

const EXAMPLES = `
Examples:
  serac run . --rehearse --samples 20                    try the whole pipeline with a scripted teacher, at no cost
  serac run . --teacher http://gpu:8000/v1 --model GLM-4.5-Air --budget 50
  serac status                                           the runs of this folder
  serac <command> --help                                 flags and examples of a command

Exit status: 0 done, 1 failed, 2 bad usage or input, 3 paused (resume with \`serac resume\`).`;

/** The command line with `called` defined in full and the others by name, for the overview and for suggestions. */
export async function buildProgram(io: Io, called: string | undefined): Promise<Command> {
  const program = new Command("serac");
  program
    .description("Turns a repository into a soft-verified dataset of coding-agent trajectories, and that into a model.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", EXAMPLES)
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.out.tell(text),
      writeErr: (text) => io.err.tell(text),
      getOutHelpWidth: () => Math.min(100, io.out.columns()),
      getErrHelpWidth: () => Math.min(100, io.err.columns()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  for (const entry of COMMANDS) {
    const isCalled = entry.name === called;
    const command = program.command(isCalled ? entry.name : `${entry.name} ${entry.usage}`.trim()).summary(entry.summary);
    if (!isCalled) continue;
    command.description(`${entry.summary[0]!.toUpperCase()}${entry.summary.slice(1)}.`);
    (await entry.load()).define(command, io);
    command.option("--debug", "show causes and stacks of errors").on("option:debug", () => {
      io.debug = true;
    });
  }
  return program;
}

/** `serac help <command>` of one that is not there is told as if it had been called: with what was meant. Commander prints the overview. */
export function meantArguments(argv: readonly string[]): readonly string[] {
  const [first, second] = argv;
  const isKnown = second === undefined || second.startsWith("-") || second === "help" || COMMANDS.some(({ name }) => name === second);
  return first === "help" && !isKnown ? argv.slice(1) : argv;
}

/** The name of the command in `serac <command> …` and in `serac help <command>`. */
export function calledCommand(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !word.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}
