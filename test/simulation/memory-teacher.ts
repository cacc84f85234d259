import { createHash } from "node:crypto";
import type { AssistantMessage } from "../../core/agent/messages.ts";
import type { Teacher, TeacherReply } from "../../core/agent/teacher.ts";
import { TeacherError } from "../../core/errors/index.ts";
import { placeOfSample } from "../../core/plan/sample-id.ts";
import type { Machine } from "./machine.ts";
import { linesOf, pathOf } from "./memory-files.ts";
import type { World } from "./world.ts";

/** What the teacher knows of its own calls. */
export interface Ledger {
  asked: number;
  /** Answered, so paid for. */
  answered: number;
  refused: number;
  /** Asked for again although the reply is in the journal: must stay 0. */
  repeated: number;
}

export const newLedger = (): Ledger => ({ asked: 0, answered: 0, refused: 0, repeated: 0 });

export interface TeacherWorld {
  readonly world: World;
  readonly ledger: Ledger;
  /** Whether the reply of the call was journaled, or its sample has ended. */
  readonly isKnown: (callId: string) => boolean;
  /** The function that a sample starts from, by the sample's index. */
  readonly functionOf: (index: number) => number;
}

const FASTEST_MS = 1_000;
const SPREAD_MS = 2_500;
/** Now and then a reply is long. */
const LONG_MS = 20_000;

/** Answers by the id of the call alone: three calls a rollout, a verdict, a text. Pays attention to nothing else. */
export function teacherFor(machine: Machine, { world, ledger, isKnown, functionOf }: TeacherWorld): Teacher {
  return {
    probe: () => Promise.resolve({ model: "simulated", rehearsal: true, contextTokens: null }),
    chat: async ({ callId }) => {
      ledger.asked += 1;
      if (isKnown(callId)) ledger.repeated += 1;
      const fate = world.random();
      if (fate < 0.004) {
        ledger.refused += 1;
        await machine.wait(50);
        const [code, status] = fate < 0.003 ? (["teacher_rate_limit", 429] as const) : (["teacher_server", 500] as const);
        throw new TeacherError(code, "busy", { status });
      }
      const ms = FASTEST_MS + SPREAD_MS * world.random() + (world.random() < 0.01 ? LONG_MS : 0);
      // The answer is made, and paid for, whether or not anybody is left to read it.
      world.after(ms, () => {
        ledger.answered += 1;
      });
      await machine.wait(ms);
      return replyOf(callId, functionOf(placeOfSample(callId)!.index), ms);
    },
  };
}

function replyOf(callId: string, index: number, latencyMs: number): TeacherReply {
  const cut = callId.lastIndexOf("/");
  const stream = callId.slice(0, cut);
  const said = stream.endsWith("-judge") ? verdict(callId) : stream.endsWith("-describe") ? textOf(index) : null;
  const call = said === null ? rolloutCall(stream, Number(callId.slice(cut + 1)), index) : null;
  const message: AssistantMessage = {
    role: "assistant",
    content: said ?? "One step further.",
    reasoning: null,
    toolCalls: call === null ? [] : [{ id: "call_1", name: call.name, arguments: JSON.stringify(call.input) }],
  };
  return {
    message,
    finishReason: call === null ? "stop" : "tool_calls",
    usage: { inputTokens: 3_000 + (index % 100), cachedInputTokens: 2_000, outputTokens: 220 },
    model: "simulated",
    latencyMs,
    rehearsal: true,
  };
}

function rolloutCall(stream: string, number: number, index: number): { readonly name: string; readonly input: object } {
  if (number > 0) return { name: "submit", input: {} };
  // One second rollout in ten mends another line than the first.
  const at = stream.includes("-second") && share(stream) < 0.1 ? 2 : 4;
  const line = linesOf(index)[at]!;
  const input = { command: "str_replace", path: `/testbed/${pathOf(index)}`, old_str: line, new_str: `${line} + 1` };
  return { name: "str_replace_editor", input };
}

/** One in fifty says no. */
const verdict = (callId: string): string => `<output>${share(callId) < 0.02 ? "no" : "yes"}</output>`;

/** Of this function the teacher writes more than a record of the table can hold. */
const WORDY = 12;

function textOf(index: number): string {
  const symptom = "For every size that I tried, the number is smaller than the one I get by hand. ".repeat(index === WORDY ? 6_000 : 1);
  return `<output>The area of frame ${index} is off by one\n\n${symptom}</output>`;
}

const share = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
