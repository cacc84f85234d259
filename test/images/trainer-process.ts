import { spawn, type ChildProcess } from "node:child_process";
import { trainingEventSchema, type TrainingEvent } from "../../core/training/events.ts";
import { SFT_FOLDER, trainerPython } from "./python.ts";

export interface TrainerEnded {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly events: readonly TrainingEvent[];
  readonly stderr: string;
}

export interface TrainerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<TrainerEnded>;
}

export interface TrainerProcessOptions {
  readonly root: string;
  readonly scratch: string;
  readonly onEvent?: (event: TrainingEvent, child: ChildProcess) => void;
}

/** `python -m serac_sft` on one thread of a processor. Every line of its standard output is an event, or reading it fails. */
export async function startTrainer({ root, scratch, onEvent }: TrainerProcessOptions): Promise<TrainerProcess> {
  const child = spawn(await trainerPython(), ["-m", "serac_sft", "--root", root, "--scratch", scratch, "--device", "cpu"], {
    cwd: SFT_FOLDER,
    env: { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<TrainerEnded>((done, failed) => {
    const events: TrainingEvent[] = [];
    let [rest, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop()!;
      try {
        for (const line of lines) {
          const event = trainingEventSchema.parse(JSON.parse(line));
          events.push(event);
          onEvent?.(event, child);
        }
      } catch (error) {
        child.kill("SIGKILL");
        failed(error);
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", failed);
    child.once("close", (code, signal) => done({ code, signal, events, stderr }));
  });
  return { child, ended };
}
