import { join } from "node:path";
import { InputError } from "../../core/errors/index.ts";
import type { Trainer } from "../../core/training/trainer.ts";
import type { Io } from "../io.ts";
import { COMMAND } from "../invocation.ts";
import { SCRATCH } from "../platform.ts";
import { dockerTrainer, installedPython, pythonTrainer, type TrainerPlace } from "../platform/trainer.ts";
import { version } from "../version.ts";

export interface TrainerFlags {
  readonly python?: string;
  readonly image?: string;
}

export interface ChosenTrainer {
  readonly trainer: Trainer;
  readonly device: string;
  readonly devices: number;
  /** Of one device. */
  readonly memoryBytes: number | null;
}

/**
 * The trainer that is named, else the environment of --install, else the image of this version where docker has it; it was asked whether it
 * works. InputError("trainer_unavailable") with what to do.
 */
export async function chooseTrainer(flags: TrainerFlags, home: string, io: Io): Promise<ChosenTrainer> {
  if (flags.python !== undefined && flags.image !== undefined)
    throw new InputError("usage", "--python and --image cannot both be given.", { hint: "Each says what trains; leave one of them out." });
  const place: TrainerPlace = { scratch: join(home, SCRATCH), env: io.env };
  const trainer = (await named(flags, place)) ?? (await installed(place));
  return { trainer, ...(await trainer.check()) };
}

/** The same, for those who only want to know: null where none works. */
export async function trainerIfAny(flags: TrainerFlags, home: string, io: Io): Promise<ChosenTrainer | null> {
  try {
    return await chooseTrainer(flags, home, io);
  } catch (error) {
    if (error instanceof InputError && error.code === "trainer_unavailable") return null;
    throw error;
  }
}

async function named({ python, image }: TrainerFlags, place: TrainerPlace): Promise<Trainer | null> {
  const fromEnvironment = (name: string): string | undefined => place.env[name] || undefined;
  const chosenPython = python ?? (image === undefined ? fromEnvironment("SERAC_TRAINER_PYTHON") : undefined);
  if (chosenPython !== undefined) return pythonTrainer(chosenPython, place);
  const chosenImage = image ?? fromEnvironment("SERAC_TRAINER_IMAGE");
  return chosenImage === undefined ? null : dockerTrainer(chosenImage, place);
}

async function installed(place: TrainerPlace): Promise<Trainer> {
  const python = await installedPython(place.env);
  if (python !== null) return pythonTrainer(python, place);
  const image = await dockerTrainer(`serac-sft:${version}`, place);
  const works = await image.check().then(
    () => true,
    () => false,
  );
  if (works) return image;
  throw new InputError(
    "trainer_unavailable",
    "There is no trainer on this machine: no Python with its packages, and no docker image of it.",
    {
      hint: `\`${COMMAND} train --install\` makes a Python environment (about 6 GB); --python names one that is there, --image an image.`,
    },
  );
}
