import type { SeracConfig } from "../config/schema.ts";
import type { KeyPath } from "../config/layer.ts";
import type { Mistake } from "../config/mistakes.ts";
import { InputError } from "../errors/index.ts";

/** What serac.yaml may say on one machine and cannot mean in the cloud: left standing, it would silently make another run. */
export function cloudMistakes(config: SeracConfig): readonly Mistake[] {
  return [...teacherMistakes(config), ...localPaths(config), ...baseMistakes(config)];
}

/** Settings that have no effect in the cloud and do no harm. Sentences for a person. */
export function cloudNotes(config: SeracConfig): readonly string[] {
  const notes: string[] = [];
  if (config.repo.source !== ".") notes.push("repo.source is not used: the repository comes in the archive.");
  if (config.rollout.sandbox !== "auto") notes.push("rollout.sandbox is not used: commands run in the sandbox of the deployment.");
  if (config.teacher?.apiKeyEnv !== undefined) notes.push("teacher.apiKeyEnv is not used: the key comes from teacher.apiKeySecret.");
  return notes;
}

/** InputError("config_invalid") in the words of serac.yaml's own mistakes. `where` says where a key was written, null when nowhere. */
export function assertCloudConfig(config: SeracConfig, where: (path: KeyPath) => string | null = () => null): void {
  const lines = cloudMistakes(config).map(({ path, text }) => `${placeOf(path, where)}: ${text}.`);
  const [only] = lines;
  if (only === undefined) return;
  const message =
    lines.length === 1 ? only : [`The configuration has ${lines.length} mistakes:`, ...lines.map((line) => `  ${line}`)].join("\n");
  throw new InputError("config_invalid", message, { hint: "docs/aws.md says what a run in the cloud needs." });
}

function placeOf(path: KeyPath, where: (path: KeyPath) => string | null): string {
  for (let length = path.length; length > 0; length--) {
    const place = where(path.slice(0, length));
    if (place !== null) return place;
  }
  return "serac.yaml";
}

function teacherMistakes({ teacher }: SeracConfig): Mistake[] {
  if (teacher === undefined) {
    return [
      {
        path: ["teacher"],
        text: "teacher: no teacher is given; allowed: a section with baseUrl and model, and apiKeySecret where it needs a key",
      },
    ];
  }
  if (teacher.apiKeyEnv === undefined || teacher.apiKeySecret !== undefined) return [];
  return [
    {
      path: ["teacher", "apiKeyEnv"],
      text: "teacher.apiKeyEnv: names a variable of your machine, which a run in the cloud does not see; put the key into AWS Secrets Manager and name the secret in teacher.apiKeySecret",
    },
  ];
}

function baseMistakes({ train }: SeracConfig): Mistake[] {
  if (train === undefined || !/^[./~]/.test(train.base)) return [];
  const text = "train.base: a folder of your machine is not there in the cloud; put the base below bases/ in the bucket and give its name";
  return [{ path: ["train", "base"], text }];
}

function localPaths({ environment, describe }: SeracConfig): Mistake[] {
  const mistakes: Mistake[] = [];
  if (environment.mounts.length > 0) {
    mistakes.push({
      path: ["environment", "mounts"],
      text: "environment.mounts: folders of your machine are not there in the cloud; install what is needed with environment.install",
    });
  }
  if (describe.demonstrations !== undefined) {
    mistakes.push({
      path: ["describe", "demonstrations"],
      text: "describe.demonstrations: a path on your machine means nothing in the cloud; leave it out to use the repository's history, or start the run with `serac run --cloud`, which sends the texts",
    });
  }
  return mistakes;
}
