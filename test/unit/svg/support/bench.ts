import { join } from "node:path";
import type { AssistantMessage } from "../../../../core/agent/messages.ts";
import type { SandboxProvider } from "../../../../core/agent/sandbox.ts";
import type { Teacher, TeacherRequest } from "../../../../core/agent/teacher.ts";
import { configSchema } from "../../../../core/config/schema.ts";
import type { RunEvent } from "../../../../core/svg/events.ts";
import { createRun, executeRun } from "../../../../core/svg/pipeline/index.ts";
import type { Platform } from "../../../../core/svg/platform.ts";
import type { SampleRecord } from "../../../../core/svg/sample.ts";
import type { RunSummary } from "../../../../core/svg/summary.ts";
import { openFileArtifacts } from "../../../../drivers/files/index.ts";
import { openHome, type Home } from "../../../../drivers/sqlite/index.ts";
import { memoryRepository, type Files } from "../../agent/support/repository.ts";
import { USAGE } from "../../agent/support/platform.ts";
import { removeFolder, temporaryFolder } from "../../../folder.ts";

export const PRICE = { input: 1, output: 3 };

/** What the scripted teacher does; each function sees how often it was asked before for the same sample. */
export interface Script {
  /** Command of the first rollout's attempt; null: submits without a change. */
  readonly first?: (attempt: number) => string | null;
  readonly second?: () => string | null;
  readonly judge?: (asked: number) => string;
  readonly writer?: (asked: number, request: TeacherRequest) => string;
}

export type Purpose = "first" | "second" | "judge" | "writer";

export const FILES: Files = {
  "src/cart.py": "def total(prices):\n    result = 0\n    for price in prices:\n        result += price\n    return result\n",
};

export const FIX = "sed -i 's/    result = 0/    result = 0  # starts empty, always empty/' src/cart.py";
export const OTHER_FIX = "sed -i 's/    return result/    return round(result, 2)  # whole cents only/' src/cart.py";

export interface Workplace extends AsyncDisposable {
  readonly platform: Platform;
  readonly home: Home;
  readonly requests: { readonly purpose: Purpose; readonly request: TeacherRequest }[];
  readonly events: RunEvent[];
  run(script: Script, settings?: object, options?: RunOptions): Promise<{ summary: RunSummary; samples: readonly SampleRecord[] }>;
}

export interface RunOptions {
  readonly files?: Files;
  readonly teacher?: (scripted: Teacher) => Teacher;
  readonly signal?: AbortSignal;
  /** Goes on with this run instead of making one. */
  readonly runId?: string;
}

/** Real store, artefacts and sandbox in a folder of their own; only the teacher is scripted, to say exactly what the test needs. */
export async function workplace(sandbox: SandboxProvider): Promise<Workplace> {
  const folder = temporaryFolder();
  const home = openHome(folder);
  const requests: Workplace["requests"] = [];
  const events: RunEvent[] = [];
  const clock = { now: () => Date.now(), sleep };
  const artifacts = await openFileArtifacts(join(folder, "artifacts"));
  const base = { store: home.store, queue: home.queue, journal: home.journal, artifacts, clock, sandbox };
  const platform: Platform = { ...base, teacher: scriptedTeacher({}, requests) };
  return {
    platform,
    home,
    requests,
    events,
    async run(script, settings = {}, options = {}) {
      const config = configSchema.parse({
        teacher: { baseUrl: "http://127.0.0.1:9/v1", model: "scripted", concurrency: 1, price: PRICE },
        plan: { samples: 1 },
        ...settings,
      });
      const repository = memoryRepository(options.files ?? FILES);
      const scripted = scriptedTeacher(script, requests);
      const teacher = options.teacher?.(scripted) ?? scripted;
      const running = { ...platform, teacher };
      const runId =
        options.runId ?? (await createRun(running, { config, name: "unit", repository, demonstrations: [], rehearsal: false })).id;
      const summary = await executeRun(running, runId, {
        signal: options.signal ?? new AbortController().signal,
        onEvent: (event) => events.push(event),
        repository,
        sandboxDirectory: join(folder, "sandbox", runId),
        owner: "unit",
      });
      return { summary, samples: await home.store.listSamples(runId, { limit: 100 }) };
    },
    async [Symbol.asyncDispose]() {
      home.close();
      await removeFolder(folder);
    },
  };
}

/** Waits of the worker's idle loop are cut short; nothing here depends on how long they are. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    if (signal?.aborted === true) return stopped(signal.reason);
    const timer = setTimeout(done, Math.min(ms, 5_000));
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      stopped(signal.reason);
    });
  });
}

export function purposeOf(request: TeacherRequest): Purpose {
  const stream = request.callId.split("/")[0]!;
  if (stream.endsWith("-judge")) return "judge";
  if (stream.includes("-describe")) return "writer";
  return stream.includes("-second") ? "second" : "first";
}

function scriptedTeacher(script: Script, requests: Workplace["requests"]): Teacher {
  const asked = new Map<Purpose, number>();
  return {
    probe: () => Promise.resolve({ model: "scripted", rehearsal: false, contextTokens: null }),
    chat: (request) => {
      const purpose = purposeOf(request);
      const before = asked.get(purpose) ?? 0;
      asked.set(purpose, before + 1);
      requests.push({ purpose, request });
      const message = reply(script, purpose, before, request);
      return Promise.resolve({ message, finishReason: "stop", usage: USAGE, model: "scripted", latencyMs: 1, rehearsal: false });
    },
  };
}

function reply(script: Script, purpose: Purpose, before: number, request: TeacherRequest): AssistantMessage {
  const text = (content: string): AssistantMessage => ({ role: "assistant", content, reasoning: null, toolCalls: [] });
  if (purpose === "judge") return text(script.judge?.(before) ?? "<output>yes</output>");
  if (purpose === "writer") return text(script.writer?.(before, request) ?? "<output>Totals of a cart look wrong to me</output>");
  const attempt = Number(/-(?:first|second)(\d+)\//.exec(request.callId)![1]);
  const command = purpose === "first" ? (script.first ?? (() => FIX))(attempt) : (script.second ?? (() => FIX))();
  const turn = request.messages.filter(({ role }) => role === "assistant").length;
  const name = command !== null && turn === 0 ? "bash" : "submit";
  const call = { id: `call_${turn}`, name, arguments: name === "bash" ? JSON.stringify({ command }) : "{}" };
  return { role: "assistant", content: "Next.", reasoning: null, toolCalls: [call] };
}
