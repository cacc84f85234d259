import { type Command, Option } from "commander";
import { DATASET_FORMATS, SANDBOXES, TOOLSETS } from "../../core/config/schema.ts";
import { type ConfigLayer, flagLayer, isMapping } from "../../core/config/layer.ts";
import { InputError } from "../../core/errors/index.ts";

/** Flags that set a key of serac.yaml. What they may hold is checked by the schema, so that a flag and a file are told the same. */

interface KeyFlag {
  readonly flag: string;
  readonly key: string;
  readonly kind: "text" | "number" | "list";
  readonly help: string;
}

const REPOSITORY_FLAGS: readonly KeyFlag[] = [
  { flag: "--commit <revision>", key: "repo.commit", kind: "text", help: "branch, tag or commit id (default: HEAD)" },
  { flag: "--include <pattern>", key: "repo.include", kind: "list", help: "take functions only from here; may be repeated" },
  { flag: "--exclude <pattern>", key: "repo.exclude", kind: "list", help: "leave this out; may be repeated" },
  { flag: "--language <name>", key: "survey.languages", kind: "list", help: "only this language; may be repeated" },
];

const PLAN_FLAGS: readonly KeyFlag[] = [
  { flag: "--samples <n>", key: "plan.samples", kind: "number", help: "samples to plan" },
  { flag: "--per-function <n>", key: "plan.perFunction", kind: "number", help: "samples a function at most, each of its own kind" },
  { flag: "--seed <n>", key: "plan.seed", kind: "number", help: "draws functions and kinds; the same seed, the same plan" },
];

const TEACHER_FLAGS: readonly KeyFlag[] = [
  { flag: "--teacher <url>", key: "teacher.baseUrl", kind: "text", help: "OpenAI-compatible base URL, such as http://gpu:8000/v1" },
  { flag: "--model <name>", key: "teacher.model", kind: "text", help: "the teacher's model" },
  { flag: "--api-key-env <name>", key: "teacher.apiKeyEnv", kind: "text", help: "environment variable that holds the teacher's key" },
  { flag: "--temperature <t>", key: "teacher.temperature", kind: "number", help: "sampling temperature" },
  { flag: "--concurrency <n>", key: "teacher.concurrency", kind: "number", help: "rollouts at once, at most" },
];

const ROLLOUT_FLAGS: readonly KeyFlag[] = [
  { flag: "--budget <usd>", key: "budget.usd", kind: "number", help: "stop, resumable, before more than this is spent" },
  {
    flag: "--threshold <recall>",
    key: "verify.threshold",
    kind: "number",
    help: "recall from which a sample is accepted; 1 is hard, 0 is none",
  },
  { flag: "--toolset <name>", key: "rollout.toolset", kind: "text", help: `tools and prompts of the agent: ${TOOLSETS.join(", ")}` },
  { flag: "--max-calls <n>", key: "rollout.maxCalls", kind: "number", help: "teacher calls a rollout, at most" },
  { flag: "--sandbox <name>", key: "rollout.sandbox", kind: "text", help: `where commands run: ${SANDBOXES.join(", ")}` },
  { flag: "--name <name>", key: "name", kind: "text", help: "what the run's id begins with (default: the folder's name)" },
  {
    flag: "--format <name>",
    key: "dataset.formats",
    kind: "list",
    help: `format of the dataset: ${DATASET_FORMATS.join(", ")}; may be repeated`,
  },
];

const TRAIN_FLAGS: readonly KeyFlag[] = [
  { flag: "--base <model>", key: "train.base", kind: "text", help: "the open model to train: a folder, or the name of one" },
  { flag: "--method <name>", key: "train.method", kind: "text", help: "lora: an adapter; full: all weights" },
];

const GROUPS = {
  repository: REPOSITORY_FLAGS,
  plan: PLAN_FLAGS,
  teacher: TEACHER_FLAGS,
  rollout: ROLLOUT_FLAGS,
  train: TRAIN_FLAGS,
} as const;
export type FlagGroup = keyof typeof GROUPS;

/** What commander hands to an action; the flags above are in it under their camel-case names. */
export type GivenFlags = Readonly<Record<string, unknown>>;

const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds the flags of the groups, and `--set` for every other key. */
export function addConfigFlags(command: Command, groups: readonly FlagGroup[]): Command {
  for (const { flag, help, kind } of groups.flatMap((group) => GROUPS[group])) {
    const option = new Option(flag, help);
    command.addOption(kind === "list" ? option.argParser(repeated) : option);
  }
  return command.addOption(
    new Option("--set <key=value>", "any other key of serac.yaml, such as rollout.attempts=2; may be repeated").argParser(repeated),
  );
}

/** The layer that the flags make. `extra`: keys that something else on the command line sets; `extraFlags` what that is called. */
export async function layerOfFlags(
  given: GivenFlags,
  extra: Readonly<Record<string, unknown>> = {},
  extraFlags: Readonly<Record<string, string>> = {},
): Promise<ConfigLayer> {
  const value: Record<string, unknown> = {};
  const names: Record<string, string> = {};
  const put = (key: string, flag: string, entry: unknown): void => {
    setAt(value, key, entry);
    names[key] = flag;
  };
  for (const [key, entry] of Object.entries(extra)) put(key, extraFlags[key] ?? "the command line", entry);
  for (const { flag, key, kind } of Object.values(GROUPS).flat()) {
    const name = flag.split(" ")[0]!;
    const entry = given[camelCase(name)];
    if (entry !== undefined) put(key, name, kind === "number" ? numberOrText(entry) : entry);
  }
  for (const assignment of assignmentsOf(given)) {
    const [key, entry] = await readAssignment(assignment);
    put(key, `--set ${key}`, entry);
  }
  return flagLayer(value, names);
}

const assignmentsOf = ({ set }: GivenFlags): readonly string[] => (Array.isArray(set) ? set.map(String) : []);

async function readAssignment(assignment: string): Promise<[string, unknown]> {
  const at = assignment.indexOf("=");
  const key = assignment.slice(0, at);
  if (at < 1 || !/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/.test(key)) {
    throw new InputError("usage", `--set ${assignment}: allowed is key=value, the key with dots.`, {
      hint: "For example --set rollout.attempts=2 or --set environment.install='[\"pip install -e .\"]'.",
    });
  }
  const { yamlValue } = await import("./yaml-value.ts");
  try {
    return [key, yamlValue(assignment.slice(at + 1))];
  } catch (cause) {
    throw new InputError("usage", `--set ${key}: the value is not valid YAML.`, { hint: "Quote it, or write a list as [a, b].", cause });
  }
}

function setAt(value: Record<string, unknown>, key: string, entry: unknown): void {
  const path = key.split(".");
  const last = path.pop()!;
  let inner = value;
  for (const part of path) {
    const below = inner[part];
    const next = isMapping(below) ? below : {};
    inner[part] = next;
    inner = next;
  }
  inner[last] = entry;
}

/** A text that is no number stays a text, and the schema says what is allowed. */
function numberOrText(entry: unknown): unknown {
  if (typeof entry !== "string" || entry.trim() === "") return entry;
  const value = Number(entry);
  return Number.isNaN(value) ? entry : value;
}

const camelCase = (flag: string): string => flag.replace(/^--/, "").replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
