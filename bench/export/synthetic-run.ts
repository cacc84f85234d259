import { readdirSync, readFileSync } from "node:fs";
import { zstdCompressSync } from "node:zlib";
import { mini } from "../../core/agent/toolsets/mini/index.ts";
import type { Step, Trajectory } from "../../core/agent/trajectory.ts";
import { configSchema } from "../../core/config/schema.ts";
import { formatNamed } from "../../core/dataset/formats/index.ts";
import type { ExportPlatform } from "../../core/dataset/platform.ts";
import { factsOf } from "../../core/dataset/select/facts.ts";
import type { Tokenizer } from "../../core/dataset/tokenizer/index.ts";
import { SeracError } from "../../core/errors/index.ts";
import type { SampleRecord } from "../../core/svg/sample.ts";
import type { RunRecord } from "../../core/svg/store.ts";

export const RUN = "bench";
const AT = "2026-01-01T00:00:00.000Z";
const STEPS = 35;
const DISTINCT = 64;

/**
 * A run of `samples` accepted samples, whose second rollouts are served from a pool of 64 distinct trajectories of 35 steps (code of this
 * repository as observations). Only the export is measured: packing a million trajectories first would measure the disk.
 */
export function syntheticRun(samples: number, facts: { readonly tokenizer: Tokenizer } | null): ExportPlatform {
  const trajectories = Array.from({ length: DISTINCT }, (_, index) => trajectory(index));
  const packed = trajectories.map((each) => zstdCompressSync(Buffer.from(JSON.stringify(each))));
  const hermes = formatNamed("hermes");
  const stored = facts === null ? [] : trajectories.map((each) => Buffer.from(JSON.stringify(factsOf(each, hermes, facts.tokenizer))));
  const artifacts: ExportPlatform["artifacts"] = {
    get: (key) => {
      const pool = key.endsWith("trajectory.json.zst") ? packed : stored;
      const content = pool[Number(/-s(\d+)-/.exec(key)![1]) % DISTINCT];
      if (content === undefined) return Promise.reject(new SeracError("artifact_missing", key));
      return Promise.resolve(content);
    },
    put: () => Promise.resolve(),
    locate: (key) => key,
  };
  const store: ExportPlatform["store"] = {
    getRun: () => Promise.resolve(run()),
    listSamples: (_, { afterIndex = -1, limit }) => {
      const count = Math.max(0, Math.min(limit, samples - afterIndex - 1));
      return Promise.resolve(Array.from({ length: count }, (_unused, at) => sample(afterIndex + 1 + at)));
    },
    patchOwner: () => Promise.resolve(null),
  };
  return { artifacts, store };
}

const sources = readdirSync(new URL("../../core/dataset", import.meta.url), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(`../../core/dataset/${name}`, import.meta.url), "utf8"))
  .join("\n");

function excerpt(seed: number, length: number): string {
  const from = (seed * 7919) % (sources.length - length);
  return sources.slice(from, from + length);
}

function trajectory(index: number): Trajectory {
  const usage = { inputTokens: 22_000, cachedInputTokens: 21_000, outputTokens: 220 };
  const steps = Array.from({ length: STEPS }, (_, n): Step => {
    const seed = index * STEPS + n;
    return {
      callId: `call-${n}`,
      reply: {
        role: "assistant",
        content: excerpt(seed + 5, 120),
        reasoning: excerpt(seed + 11, 300),
        toolCalls: [{ id: `c${n}`, name: "bash", arguments: JSON.stringify({ command: excerpt(seed + 17, 150) }) }],
      },
      finishReason: "tool_calls",
      observations: [{ toolCallId: `c${n}`, content: excerpt(seed, 600 + (seed % 1200)), executionMs: 20, timedOut: false }],
      requery: null,
      usage,
      costMicroUsd: 2600,
      model: "teacher",
      latencyMs: 3000,
      at: AT,
    };
  });
  const prompt = [
    { role: "system", content: mini.systemPrompt },
    { role: "user", content: mini.instancePrompt({ kind: "pull_request", text: excerpt(index, 1200) }) },
  ] as const;
  const patch = `diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-a${index}\n+b\n+c\n`;
  const rest = {
    exitStatus: "submitted",
    detail: null,
    patch,
    usage,
    costMicroUsd: 91_000,
    startedAt: AT,
    endedAt: AT,
    rehearsal: false,
  } as const;
  return { rolloutId: `r${index}`, toolset: "mini", tools: mini.tools, prompt, steps, ...rest };
}

function run(): RunRecord {
  const teacher = { baseUrl: "http://teacher.invalid/v1", model: "teacher" };
  const config = configSchema.parse({ teacher, rollout: { toolset: "mini" } });
  const rest = { detail: null, rehearsal: false, sandbox: null, planned: 0, functions: 0, createdAt: AT, updatedAt: AT };
  return { id: RUN, name: "bench", config, repository: "bench", commit: null, state: "finished", ...rest };
}

function sample(index: number): SampleRecord {
  const id = `${RUN}-s${String(index).padStart(6, "0")}`;
  const path = `src/module_${index % 997}.py`;
  const name = `function_${index}`;
  return {
    id,
    runId: RUN,
    index,
    function: { id: `${path}::${name}`, path, name, language: "python", startLine: 1, endLine: 9, lines: 9 },
    kinds: ["naming"],
    replica: 0,
    seed: index,
    state: "accepted",
    reason: null,
    detail: null,
    attempts: 1,
    firstRolloutId: `${id}-first1`,
    firstAccepted: false,
    pullRequest: "text",
    secondRolloutId: `${id}-second`,
    score: { recall: 0.8, precision: 0.7, matched: 4, targetLines: 5, candidateLines: 6, recallSera: 0.8 },
    costMicroUsd: 91_000,
    updatedAt: AT,
  };
}
