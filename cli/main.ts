import { CommanderError } from "commander";
import { EXIT, ExitWith, exitCodeOf } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { OutputClosed } from "./printer.ts";
import { buildProgram, calledCommand, meantArguments } from "./program.ts";
import { renderError } from "./render-error.ts";

/** Runs one command line (without node and script) and says how it went. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const program = await buildProgram(io, calledCommand(argv));
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT.done;
    }
    await program.parseAsync(meantArguments(argv), { from: "user" });
    return EXIT.done;
  } catch (error) {
    return report(error, io);
  }
}

/** Says what went wrong, once, on stderr. */
export function report(error: unknown, io: Io): number {
  if (error instanceof OutputClosed) return EXIT.done;
  if (error instanceof ExitWith) return error.code;
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
  io.err.tell(renderError(error, { debug: io.debug }));
  return exitCodeOf(error);
}
