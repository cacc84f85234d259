import type { Answer } from "./answer.ts";
import type { ChatRequest } from "./conversation.ts";
import { fraction } from "./draw.ts";

/** Faults of the line and the server: the call fails, and the same call succeeds when it is tried again. */
export const LINE_FAULTS = ["429", "500", "hang", "cut-headers", "cut-stream", "not-json"] as const;
/** Faults of the model: the reply is paid for and cannot be used as it is. */
export const REPLY_FAULTS = ["bad-arguments", "two-calls", "no-call", "endless", "context-overflow", "huge-output", "huge-reply"] as const;
export const FAULT_MODES = [...LINE_FAULTS, ...REPLY_FAULTS] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

export interface Fault {
  readonly mode: FaultMode;
  /** Share of the calls (for `endless`: of the rollouts) that it strikes, 0 to 1. */
  readonly rate?: number;
  /** Or: every n-th new call. */
  readonly everyNth?: number;
  /** A line fault that strikes every try of the call, not just the first. */
  readonly permanent?: boolean;
}

/** `rehearsal-fault-429` and `rehearsal-fault-429-permanent` are models that show one fault. */
const MODEL = /^(.+)-fault-([a-z0-9-]+?)(-permanent)?$/;

/** What strikes by default: the faults of the line every call once, those of the model one call in five. */
const DEFAULT_LINE_RATE = 1;
const DEFAULT_REPLY_RATE = 0.2;

/** The fault that a model's name asks for; null for a plain name, undefined for a fault that does not exist. */
export function faultOfModel(model: string, base: string): Fault | null | undefined {
  if (model === base) return null;
  const match = MODEL.exec(model);
  const mode = FAULT_MODES.find((known) => known === match?.[2]);
  if (match?.[1] !== base || mode === undefined) return undefined;
  return { mode, permanent: match[3] !== undefined };
}

export interface FaultCall {
  readonly seed: string;
  /** The same for every try of one call. */
  readonly key: string;
  /** Tries of this call before this one. */
  readonly tries: number;
  /** How many calls came before this one; the same for every try. */
  readonly number: number;
  /** The conversation ends with a spoilt reply that was sent back; see wasSpoilt. */
  readonly isSecondChance: boolean;
}

/** The first fault that strikes this call, in the order given. `endless` is decided by rollout: see `isEndless`. */
export function strikes(faults: readonly Fault[], call: FaultCall): FaultMode | null {
  for (const fault of faults) {
    if (fault.mode === "endless") continue;
    // A rate that was asked for is kept to; only the default one spares a reply the same fault again.
    const isSpared = isLineFault(fault.mode) ? call.tries > 0 : call.isSecondChance && fault.rate === undefined;
    if (isSpared && fault.permanent !== true) continue;
    if (isStruck(fault, call)) return fault.mode;
  }
  return null;
}

function isStruck(fault: Fault, { seed, key, number }: FaultCall): boolean {
  if (fault.everyNth !== undefined) return (number + 1) % fault.everyNth === 0;
  const rate = fault.permanent === true ? 1 : (fault.rate ?? (isLineFault(fault.mode) ? DEFAULT_LINE_RATE : DEFAULT_REPLY_RATE));
  return fraction(seed, "fault", fault.mode, key) < rate;
}

export function isEndless(faults: readonly Fault[], seed: string, rolloutKey: string): boolean {
  const fault = faults.find(({ mode }) => mode === "endless");
  return fault !== undefined && fraction(seed, "fault", "endless", rolloutKey) < (fault.rate ?? 1);
}

/** Does the conversation end with a reply that the harness could not act on? Another one like it would soon end the rollout. */
export function wasSpoilt({ messages }: ChatRequest): boolean {
  const last = messages.findLast(({ role }) => role === "assistant");
  return (
    last !== undefined &&
    (last.calls.length !== 1 || last.calls.some(({ input }) => !isObject(input) || input.startsWith('{"invalid_arguments"')))
  );
}

function isObject(input: string): boolean {
  try {
    return typeof JSON.parse(input) === "object";
  } catch {
    return false;
  }
}

const isLineFault = (mode: FaultMode): boolean => LINE_FAULTS.some((line) => line === mode);

const MEGABYTES_10 = 10_000_000;

/** What a fault of the model makes of its reply. Faults of calls leave a reply without calls as it is. */
export function spoil(answer: Answer, mode: FaultMode | null): Answer {
  const [call] = answer.calls;
  switch (mode) {
    case "bad-arguments":
      // Cut in the middle: the closing quote and brace are missing, as after a token limit.
      return call === undefined
        ? answer
        : { ...answer, calls: [{ name: call.name, input: call.input === "{}" ? '{"now": tru' : call.input.slice(0, -2) }] };
    case "two-calls":
      return call === undefined ? answer : { ...answer, calls: [call, { name: "bash", input: JSON.stringify({ command: "pwd" }) }] };
    case "no-call":
      return { ...answer, calls: [] };
    case "huge-output":
      return call === undefined
        ? answer
        : { ...answer, calls: [{ name: "bash", input: JSON.stringify({ command: `head -c ${MEGABYTES_10} /dev/zero | tr '\\0' 'x'` }) }] };
    case "huge-reply":
      return { ...answer, content: `${answer.content}\n${"I will say that again. ".repeat(MEGABYTES_10 / 23)}` };
    default:
      return answer;
  }
}
