import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../../core/errors/index.ts";
import { trainingJobSchema } from "../../core/training/job.ts";
import type { Trainer } from "../../core/training/trainer.ts";
import { probe, PROBE, type Probed } from "./probe.ts";
import { train } from "./train.ts";

export interface DockerTrainerOptions {
  readonly image: string;
  readonly scratch: string;
  readonly graceMs: number;
  readonly env: NodeJS.ProcessEnv;
  /** Downloaded bases, as the hub's library keeps them; shown to the container where it is there. */
  readonly hubCache: string;
  /** Found on the PATH unless it is a path. */
  readonly docker?: string;
}

const exec = promisify(execFile);
/** What NCCL and the loaders share. Source: NVIDIA's notes on PyTorch containers ask for --ipc=host or a large --shm-size. */
const SHARED_MEMORY = "48g";

/** The trainer in its image: no network, and of this machine's files only the model's folder, its scratch and the base. */
export function createDockerTrainer({ image, scratch, graceMs, env, hubCache, docker = "docker" }: DockerTrainerOptions): Trainer {
  const name = `docker image ${image}`;
  const remedy = "Look at `docker info` and `docker image ls`, or give --python to train without docker.";
  const user = process.getuid === undefined ? [] : ["--user", `${process.getuid()}:${process.getgid!()}`];
  const contained = ["run", "--rm", "--network", "none", "--shm-size", SHARED_MEMORY, "--ulimit", "memlock=-1", ...user];
  const inside = ["--entrypoint", "python3", image, "-c", PROBE];
  let probed: Promise<Probed & { readonly gpus: readonly string[] }> | undefined;

  const find = async (): Promise<Probed & { readonly gpus: readonly string[] }> => {
    await exec(docker, ["image", "inspect", "--format", "{{.Id}}", image]).catch((cause: unknown) => {
      const isGone = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
      const why = isGone ? "there is no docker here" : "docker does not know it, or does not answer";
      throw new InputError("trainer_unavailable", `${name} cannot train: ${why}.`, { hint: remedy, cause });
    });
    try {
      const gpus = ["--gpus", "all"];
      return { ...(await probe(name, docker, [...contained, ...gpus, ...inside], remedy)), gpus };
    } catch {
      // A machine without GPUs, or without NVIDIA's runtime for containers, refuses the flag itself.
      return { ...(await probe(name, docker, [...contained, ...inside], remedy)), gpus: [] };
    }
  };
  const check = () => (probed ??= find());

  return {
    name,
    check,
    run: async (run) => {
      const { gpus } = await check();
      const own = join(scratch, basename(run.root));
      // Docker would make it, as root.
      await mkdir(own, { recursive: true });
      const container = `serac-${createHash("sha256").update(run.root).digest("hex").slice(0, 12)}`;
      const base = await baseOf(run.root);
      const isHub = base === null && existsSync(hubCache);
      const shown = [mount(run.root), mount(own), ...(base === null ? [] : [readOnly(base)]), ...(isHub ? [readOnly(hubCache)] : [])];
      const variables = ["HOME=/tmp", "HF_HUB_OFFLINE=1", ...(isHub ? [`HF_HUB_CACHE=${hubCache}`] : [])];
      return train({
        ...run,
        scratch: own,
        graceMs,
        command: {
          command: docker,
          args: [
            ...contained,
            ...gpus,
            ...["--name", container],
            ...shown.flatMap((folder) => ["--mount", folder]),
            ...variables.flatMap((variable) => ["--env", variable]),
            ...[image, "--root", run.root, "--scratch", own],
          ],
          kill: [docker, "kill", container],
          env,
        },
      });
    },
  };
}

/** Folders have the same path inside, so that job.json means the same there. */
const mount = (folder: string): string => csv(["type=bind", `source=${folder}`, `target=${folder}`]);
const readOnly = (folder: string): string => csv(["type=bind", `source=${folder}`, `target=${folder}`, "readonly"]);
/** Docker reads the value of --mount as one line of CSV. */
const csv = (fields: readonly string[]): string =>
  fields.map((field) => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");

/** The base's folder; null when it comes from elsewhere, or the job is none: the trainer says so. */
async function baseOf(root: string): Promise<string | null> {
  try {
    const { base } = trainingJobSchema.parse(JSON.parse(await readFile(join(root, "job.json"), "utf8")));
    return isAbsolute(base.source) && existsSync(base.source) ? base.source : null;
  } catch {
    return null;
  }
}
