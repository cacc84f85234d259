import type { CallDelta, ChatChunk, ChatUsage, ReasoningPlace } from "./chat-chunk.ts";
import { brokenAnswer, StreamBroken } from "./stream-broken.ts";
import type { RefusedModel } from "./refusal.ts";
import { refusalOf } from "./refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

/** More calls in one reply are no plan but a runaway. */
const MAX_CALLS = 256;

/** Reads the chunks of one stream: calls without an index are told apart by their ids, for which it remembers what came before. */
export interface ChunkReader {
  /** `json` is a chunk, or a whole completion. Null when it holds nothing of interest. Throws StreamBroken. */
  read(json: unknown): ChatChunk | null;
}

export function createChunkReader(model: RefusedModel | null): ChunkReader {
  const placeOfId = new Map<string, number>();
  let lastPlace = -1;

  const placeOf = (call: Fields, id: string): number => {
    const index = call["index"];
    // Servers that leave the index out begin a call with its id and go on without one.
    let place = typeof index === "number" && Number.isSafeInteger(index) && index >= 0 ? index : placeOfId.get(id);
    place ??= id === "" && lastPlace >= 0 ? lastPlace : lastPlace + 1;
    if (place >= MAX_CALLS) throw brokenAnswer(`The model server sent more than ${MAX_CALLS} tool calls in one answer.`);
    if (id !== "") placeOfId.set(id, place);
    lastPlace = place;
    return place;
  };

  const readCall = (value: unknown): CallDelta => {
    const call = fieldsOf(value);
    const called = fieldsOf(call["function"]);
    const id = textOf(call["id"]);
    const name = textOf(called["name"]);
    const text = argumentsOf(called["arguments"]);
    return {
      index: placeOf(call, id),
      ...(id === "" ? {} : { id }),
      ...(name === "" ? {} : { name }),
      ...(text === "" ? {} : { arguments: text }),
    };
  };

  return {
    read(json) {
      if (!isFields(json)) throw brokenAnswer("The model server sent an event that is no chat completion.");
      throwError(json, model);
      const chunk: { -readonly [K in keyof ChatChunk]: ChatChunk[K] } = {};
      const usage = usageOf(json["usage"]);
      if (usage !== null) chunk.usage = usage;
      const choice = firstChoice(json["choices"]);
      if (choice === null) return usage === null ? null : chunk;
      // A whole message in place of a delta: servers that answer `stream: true` with one event.
      const delta = fieldsOf(choice["delta"] ?? choice["message"]);
      const content = contentOf(delta["content"]);
      if (content !== "") chunk.content = content;
      const reasoning = reasoningOf(delta);
      if (reasoning !== null) chunk.reasoning = reasoning;
      const calls = delta["tool_calls"];
      if (Array.isArray(calls) && calls.length > 0) chunk.calls = calls.map(readCall);
      const reason = choice["finish_reason"];
      if (typeof reason === "string" && reason !== "")
        chunk.finish = { reason: checkedReason(reason), stop: stopOf(choice["stop_reason"]) };
      for (const _ in chunk) return chunk;
      return null;
    },
  };
}

/** Of several choices only the first one was asked for. */
function firstChoice(choices: unknown): Fields | null {
  if (!Array.isArray(choices)) return null;
  for (const choice of choices) if (isFields(choice) && (choice["index"] ?? 0) === 0) return choice;
  return null;
}

/**
 * vLLM: `{"error": {"message", "type", "code"}}`; before 0.10 `{"object": "error", "message", "code"}`. `code` is the status that the
 * response would have had.
 */
function throwError(json: Fields, model: RefusedModel | null): void {
  const error = json["error"] ?? (json["object"] === "error" ? json : null);
  if (error === null) return;
  const code = Number(fieldsOf(error)["code"] ?? fieldsOf(error)["status"]);
  const status = code >= 400 && code <= 599 ? code : 500;
  const refused = { status, headers: new Headers(), body: JSON.stringify(json).slice(0, 64 * 1024) };
  const refusal = refusalOf(refused, model ?? { name: "", upstreamName: "", contextTokens: null });
  throw new StreamBroken(refusal.error, { overflow: refusal.overflow });
}

/** vLLM and SGLang end an answer that they gave up with `abort`, `error`: what came so far is no answer. */
function checkedReason(reason: string): string {
  if (reason === "abort" || reason === "error") throw brokenAnswer("The model server gave up its answer before it was complete.");
  return reason;
}

/** vLLM's `stop_reason` is the stop text, or the number of a token that ends a turn. */
const stopOf = (reason: unknown): string | null => (typeof reason === "string" ? reason : null);

function reasoningOf(delta: Fields): { place: ReasoningPlace; text: string } | null {
  const first = textOf(delta["reasoning_content"]);
  if (first !== "") return { place: "reasoning_content", text: first };
  const second = textOf(delta["reasoning"]);
  return second === "" ? null : { place: "reasoning", text: second };
}

function usageOf(value: unknown): ChatUsage | null {
  if (!isFields(value)) return null;
  const promptTokens = countOf(value["prompt_tokens"]);
  const cachedTokens = Math.min(promptTokens, countOf(fieldsOf(value["prompt_tokens_details"])["cached_tokens"]));
  return { promptTokens, cachedTokens, completionTokens: countOf(value["completion_tokens"]) };
}

const countOf = (value: unknown): number => (typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0);

/** Text, or the text parts of the newer list form. */
function contentOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((part) => textOf(fieldsOf(part)["text"])).join("");
  return textOf(value);
}

/** Text as it is; the few servers that send an object lose nothing but its spelling. */
const argumentsOf = (value: unknown): string => (isFields(value) ? JSON.stringify(value) : textOf(value));

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
const NOTHING: Fields = {};
const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : NOTHING);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
