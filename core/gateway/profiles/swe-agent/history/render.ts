import { escapeText, unescapeText } from "../../../../agent/reserved-literals.ts";
import { observation } from "../../../../agent/observation.ts";
import { HANDED_IN, SYSTEM_PROMPT } from "../../../../agent/toolsets/swe-agent/prompts.ts";
import { spacedJson } from "../../../../agent/spaced-json.ts";
import type { ThoughtFrame } from "../../../reply/part.ts";
import type { PathMap } from "../../../paths/path-map.ts";
import type { ServedModel } from "../../../served-model.ts";
import type { ChatCall, ChatMessage, ChatPart } from "../../../upstream/chat-request.ts";
import type { Outcome } from "../program.ts";
import { sendableArguments, type ModelCall } from "../programs/index.ts";
import { blockText } from "./block-text.ts";
import { takeTurns } from "./take-turns.ts";
import { taskPrompt } from "./task-prompt.ts";
import type { ReplyTurn, Transcript, UserTurn } from "./transcript.ts";

export interface RenderOptions {
  readonly paths: PathMap;
  readonly model: ServedModel;
}

/** The conversation as the model lived through it. */
export function renderConversation(
  transcript: Transcript,
  outcomes: ReadonlyMap<ReplyTurn, readonly Outcome[]>,
  { paths, model }: RenderOptions,
): ChatMessage[] {
  // Half a surrogate pair has no UTF-8, and servers fail on it.
  const forModel = (text: string) => (model.escapesReserved ? escapeText(text) : text).toWellFormed();
  const { openingReminders, turns } = transcript;
  const [first] = turns;
  const opening = first?.kind === "user" ? first : null;
  const prompt = taskPrompt(opening?.texts ?? [], openingReminders, paths);
  const messages: ChatMessage[] = [{ role: "system", content: SYSTEM_PROMPT }, userMessage(forModel(prompt), opening, model)];
  let calls = 0;
  const freshId = () => `call_${calls++}`;
  for (const turn of opening === null ? turns : turns.slice(1)) {
    if (turn.kind === "user") messages.push(userMessage(forModel(paths.toModel(turn.texts.join("\n\n"))), turn, model));
    else messages.push(...replyMessages(turn, outcomes.get(turn) ?? [], freshId, paths, forModel));
  }
  return takeTurns(messages);
}

function userMessage(text: string, turn: UserTurn | null, model: ServedModel): ChatMessage {
  const images = turn?.images ?? [];
  if (images.length === 0) return { role: "user", content: text };
  if (!model.canSeeImages) {
    const notes = images.map(({ mediaType }) => `(An image was attached here, ${mediaType}; this model cannot see it.)`);
    return { role: "user", content: [text, ...notes].filter((part) => part !== "").join("\n\n") };
  }
  const shown = images.map(({ mediaType, base64, url }): ChatPart => ({
    type: "image_url",
    image_url: { url: url ?? `data:${mediaType};base64,${base64 ?? ""}` },
  }));
  return { role: "user", content: text === "" ? shown : [{ type: "text", text }, ...shown] };
}

function replyMessages(
  { pieces, calls, foreignCalls }: ReplyTurn,
  outcomes: readonly Outcome[],
  freshId: () => string,
  paths: PathMap,
  forModel: (text: string) => string,
): ChatMessage[] {
  let content = "";
  let reasoning: { readonly place: string; readonly text: string } | null = null;
  let isTextOurs = false;
  let blank = "";
  const sent: ChatCall[] = [];
  const results: ChatMessage[] = [];
  const refusals: string[] = [];

  const send = (name: string, args: string, result: string) => {
    const id = freshId();
    sent.push({ id, type: "function", function: { name, arguments: args } });
    results.push({ role: "tool", tool_call_id: id, content: forModel(result) });
  };
  const addThought = (text: string, frame: ThoughtFrame) => {
    if (frame.place !== "content") reasoning = { place: frame.place, text: forModel(text) };
    else if (isFrame(frame.open, frame.close)) content += frame.open + forModel(text) + frame.close;
  };

  for (const piece of pieces) {
    if (piece.kind === "before") content += piece.text;
    else if (piece.kind === "text") content += isTextOurs ? "" : forModel(paths.toModel(piece.text));
    else if (piece.state.kind === "thought") addThought(piece.text, piece.state.frame);
    else if (piece.state.kind === "hidden-calls") {
      if (piece.state.frame !== null) addThought(piece.text, piece.state.frame);
      isTextOurs = true;
      if (piece.state.before.trim() === "") blank = piece.state.before;
      for (const call of piece.state.calls) {
        send(sendableName(call.name), sendableArguments({ ...call, isUnparsed: false }) ?? "{}", observation(HANDED_IN));
      }
    }
  }
  content += blank;
  calls.forEach(({ state }, index) => {
    const outcome = outcomes[index]!;
    const args = sendableArguments(state);
    if (args !== null) return send(sendableName(state.name), args, outcome.text);
    // A server would refuse the call, so the model reads it where it wrote it.
    content += `${content === "" || content.endsWith("\n") ? "" : "\n"}<tool_call>\n${forModel(unescapeText(rawCall(state)))}\n</tool_call>`;
    refusals.push(forModel(outcome.text));
  });
  for (const { use, result } of foreignCalls) {
    const called = `(Called ${use.name} with ${spacedJson(use.input)})`;
    content += `${content === "" ? "" : "\n\n"}${forModel(paths.toModel(called))}`;
    if (result !== null) refusals.push(forModel(paths.toModel(`(${use.name} answered)\n${blockText(result)}`)));
  }
  if (content.trim() === "" && sent.length === 0) return refusals.map((text) => ({ role: "user", content: text }));
  const thought = reasoning as { readonly place: string; readonly text: string } | null;
  return [
    {
      role: "assistant",
      content,
      ...(thought === null ? {} : thought.place === "reasoning" ? { reasoning: thought.text } : { reasoning_content: thought.text }),
      ...(sent.length === 0 ? {} : { tool_calls: sent }),
    },
    ...results,
    ...refusals.map((text): ChatMessage => ({ role: "user", content: text })),
  ];
}

/** A frame comes back through the client's hands: nothing but tags and blanks may stand around a thought. */
function isFrame(open: string, close: string): boolean {
  return /^\s*(?:<think>\s*)?$/.test(open) && /^\s*(?:<\/think>\s*)?$/.test(close);
}

function rawCall({ name, arguments: written, isUnparsed }: ModelCall): string {
  return isUnparsed ? written : `{"name": ${JSON.stringify(name)}, "arguments": ${written}}`;
}

/** Some servers refuse odd names. */
function sendableName(name: string): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64);
  return clean === "" ? "unknown" : clean;
}
