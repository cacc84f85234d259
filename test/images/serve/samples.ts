import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SFT_FOLDER, trainerPython } from "../python.ts";

const SCRIPT = fileURLToPath(new URL("sample_ids.py", import.meta.url));

/** A message of a row in the `openai` format. */
export interface RowMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly reasoning_content: string | null;
  readonly tool_calls: readonly RowCall[] | null;
  readonly tool_call_id: string | null;
}

export interface RowCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface RowTool {
  readonly type: "function";
  readonly function: { readonly name: string; readonly description: string; readonly parameters: Readonly<Record<string, unknown>> };
}

/** One row as it was trained on. `replies` are the ids of each reply, from its first to behind its last. */
export interface Sample {
  readonly where: string;
  readonly messages: readonly RowMessage[];
  readonly tools: readonly RowTool[];
  /** What a second rollout was asked for. */
  readonly pullRequest: string | null;
  readonly ids: readonly number[];
  readonly replies: readonly (readonly [start: number, end: number])[];
}

export interface SampleSource {
  /** With `t1/` and `t2/`. */
  readonly data: string;
  readonly base: string;
  readonly template: string;
  readonly contextTokens: number;
}

/** All rows of a dataset with the ids that the trainer makes of them. Throws where it would leave one out. */
export async function trainedSamples({ data, base, template, contextTokens }: SampleSource): Promise<readonly Sample[]> {
  const { stdout } = await promisify(execFile)(await trainerPython(), [SCRIPT, data, base, template, String(contextTokens)], {
    env: { ...process.env, PYTHONPATH: SFT_FOLDER, OMP_NUM_THREADS: "1" },
    maxBuffer: 1 << 28,
  });
  const files = new Map<string, readonly string[]>();
  const samples: Sample[] = [];
  for (const line of stdout.split("\n").slice(0, -1)) {
    const { where, ids, replies }: Pick<Sample, "where" | "replies"> & { readonly ids: Sample["ids"] | null } = JSON.parse(line);
    if (ids === null) throw new Error(`${where} was left out.`);
    const [file = "", number = ""] = where.split(":");
    if (!files.has(file)) files.set(file, (await readFile(join(data, file), "utf8")).split("\n"));
    const row: { messages: readonly RowMessage[]; tools: string; pull_request: string | null } = JSON.parse(
      files.get(file)?.[Number(number) - 1] ?? "",
    );
    samples.push({ where, messages: row.messages, tools: JSON.parse(row.tools), pullRequest: row.pull_request, ids, replies });
  }
  return samples;
}
