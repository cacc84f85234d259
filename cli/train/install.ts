import { EXIT } from "../exit-code.ts";
import type { Io } from "../io.ts";
import { watchInterrupts } from "../interrupts.ts";
import { printable } from "../format/printable.ts";
import { installTrainer, TRAINER_PYTHON_VERSION } from "../platform/trainer.ts";
import type { TrainFlags } from "./flags.ts";

/** `serac train --install`: what pip says goes to stderr as it comes. */
export async function install(flags: TrainFlags, io: Io): Promise<void> {
  const interrupts = watchInterrupts({
    graceMs: 5_000,
    onFirst: () => io.err.tell("Stopping; what was installed is removed.\n"),
    onForce: () => process.exit(EXIT.paused),
  });
  try {
    const python = await installTrainer({
      python: flags.python ?? `python${TRAINER_PYTHON_VERSION}`,
      env: io.env,
      onLine: (line) => {
        if (flags.quiet !== true) io.err.tell(`${printable(line)}\n`);
      },
      signal: interrupts.signal,
    });
    if (flags.json !== true) await io.out.write(`The trainer is installed: ${python}\n`);
  } catch (error) {
    interrupts.signal.throwIfAborted();
    throw error;
  } finally {
    interrupts.stop();
  }
}
