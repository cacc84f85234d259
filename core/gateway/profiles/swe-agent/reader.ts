import { SUBMIT } from "../../../agent/toolsets/swe-agent/definitions.ts";
import { parse } from "../../../agent/toolsets/swe-agent/parse.ts";
import type { ReplyEnd, ReplySink } from "../../client/reply.ts";
import type { JsonObject } from "../../client/request.ts";
import type { ReplyPart, ThoughtFrame } from "../../reply/part.ts";
import { encodeSignature } from "../../state/signature.ts";
import type { FinishReason, ReplyReader } from "../profile.ts";
import { callId } from "./history/call-ids.ts";
import { runProgram, type ClientCall, type Ground } from "./program.ts";
import { createVoice } from "./voice.ts";
import { programOf, sendableArguments, type ModelCall } from "./programs/index.ts";

export interface ReaderOptions {
  readonly ground: Ground;
  readonly escapesReserved: boolean;
  /** Where no call may come, what looks like one is passed on as text or dropped. */
  readonly takesCalls: boolean;
}

/** Shown where the model handed in its work without a word. */
const SUBMITTED = "The work is done.";
const CUT_OFF = "The reply reached its length limit in the midst of a tool call, which was not run.";

/** A tool that no client has: it answers that there is none, and nothing happens. What the model meant stands in the input. */
const NO_SUCH_TOOL = "invalid_call";

interface ReadCall extends ModelCall {
  readonly before: string;
}

/** Thoughts and text go on as they come; calls are held until the reply's end, since what becomes of one depends on the others. */
export function createReader({ ground, escapesReserved, takesCalls }: ReaderOptions, sink: ReplySink, freshId: () => string): ReplyReader {
  const calls: ReadCall[] = [];
  let open: { readonly name: string; arguments: string } | null = null;
  let isCut = false;
  /** A thought that is over but not signed: when nothing but `submit` follows, its signature says so too. */
  let unsigned: ThoughtFrame | null = null;

  const sign = () => {
    if (unsigned !== null) sink.signature(encodeSignature({ kind: "thought", frame: unsigned }));
    unsigned = null;
  };
  const voice = createVoice(sink, ground.paths, sign);
  const addCall = (call: ModelCall) => calls.push({ ...call, before: voice.takeBlank() });

  return {
    take(part: ReplyPart) {
      switch (part.kind) {
        case "thinking":
          voice.release();
          sign();
          return sink.thinking(part.text);
        case "thought":
          voice.release();
          sign();
          unsigned = part.frame;
          return;
        case "text":
          // Behind a call there is no place for blanks in the history.
          return calls.length > 0 && part.text.trim() === "" ? undefined : voice.say(part.text);
        case "call":
          voice.release();
          open = { name: part.name, arguments: "" };
          return;
        case "arguments":
          if (open !== null) open.arguments += part.text;
          return;
        case "called":
          if (open !== null && part.isWhole && takesCalls) addCall({ name: open.name, arguments: open.arguments, isUnparsed: false });
          isCut ||= !part.isWhole;
          open = null;
          return;
        default:
          if (takesCalls) addCall({ name: "", arguments: part.text, isUnparsed: true });
          else voice.say(part.text);
      }
    },

    end(finish, stop) {
      if (calls.length > 0 && calls.every(isSubmit)) {
        // A turn has to end with its text, and what was said has no place in front of it any more: the turn is then remembered as a text.
        if (!voice.isHeard) endTurn(calls, SUBMITTED);
        return { stopReason: "end_turn", stopSequence: null };
      }
      voice.release();
      sign();
      for (const call of calls) emit(call);
      if (calls.length > 0) return { stopReason: "tool_use", stopSequence: null };
      if (isCut && !voice.isHeard) endTurn([], CUT_OFF);
      return endOf(isCut ? "length" : finish, stop);
    },
  };

  function emit(call: ReadCall): void {
    const { name, input } = firstClientCall(call);
    sink.toolUse(callId(call, input, freshId()), name);
    sink.toolInput(JSON.stringify(input));
  }

  function firstClientCall(call: ReadCall): ClientCall {
    const progress = runProgram(programOf(call, ground, escapesReserved), [], ground.paths);
    if (progress.state === "wants") return progress.call;
    const reason = progress.state === "ended" ? progress.outcome.text : "";
    return { name: NO_SUCH_TOOL, input: shownInput(call, reason) };
  }

  /** Says in a signature what clients are not shown, and in a sentence of ours that the turn is over: the model said nothing. */
  function endTurn(hidden: readonly ReadCall[], standIn: string): void {
    const written = hidden.map((call) => ({ name: call.name, arguments: call.arguments }));
    const before = hidden[0]?.before ?? "";
    sink.signature(encodeSignature({ kind: "hidden-calls", frame: unsigned, calls: written, before }));
    unsigned = null;
    sink.text(standIn);
  }
}

/** A submit that the toolset would take: with other arguments it is a wrong call. */
function isSubmit(call: ReadCall): boolean {
  if (call.name !== SUBMIT.name) return false;
  const args = sendableArguments(call);
  if (args === null) return false;
  return (
    parse({ role: "assistant", content: "", reasoning: null, toolCalls: [{ id: "", name: call.name, arguments: args }] }).kind === "calls"
  );
}

function shownInput({ name, arguments: written, isUnparsed }: ReadCall, reason: string): JsonObject {
  return { ...(isUnparsed ? {} : { tool: name }), [isUnparsed ? "text" : "arguments"]: written, reason };
}

function endOf(finish: FinishReason, stop: string | null): ReplyEnd {
  if (finish === "length") return { stopReason: "max_tokens", stopSequence: null };
  if (finish === "refused") return { stopReason: "refusal", stopSequence: null };
  return stop === null ? { stopReason: "end_turn", stopSequence: null } : { stopReason: "stop_sequence", stopSequence: stop };
}
