import { unescapeJson, unescapeText } from "../../agent/reserved-literals.ts";
import { createUnescaper, type TextStage } from "./unescaper.ts";

/** Gives data in the chunks of one streamed chat completion its reserved literals back; bytes of other lines stay as they are. */
export interface AnswerUnescaper {
  push(bytes: Uint8Array): string;
  /** What was held back, where an answer ends without saying so. */
  end(): string;
}

type Fields = Record<string, unknown>;

/** A text that comes in pieces, and what of it is still to be told. */
interface Channel {
  readonly stage: TextStage;
  ready: string;
}

export function createAnswerUnescaper(): AnswerUnescaper {
  const decoder = new TextDecoder();
  const channels = new Map<string, Channel>();
  let line = "";
  let lastChunk: Fields = {};

  /** `path` is where its pieces stand in a choice's delta: `content`, or `tool_calls` and the call's index. */
  const channelOf = (choice: unknown, path: string, unescape: (text: string) => string): Channel => {
    const name = `${String(choice)} ${path}`;
    const known = channels.get(name);
    if (known !== undefined) return known;
    const channel: Channel = { ready: "", stage: createUnescaper((text) => (channel.ready += text), unescape) };
    channels.set(name, channel);
    return channel;
  };
  const pass = (channel: Channel, text: string): string => {
    channel.stage.push(text);
    return take(channel);
  };

  const readChoice = (choice: Fields): void => {
    const delta = isFields(choice["delta"]) ? choice["delta"] : {};
    const { index } = choice;
    const told = new Set<Channel>();
    for (const field of TEXTS) {
      const text = delta[field];
      if (typeof text !== "string" || text === "") continue;
      const channel = channelOf(index, field, unescapeText);
      told.add(channel);
      delta[field] = pass(channel, text);
    }
    const calls: unknown[] = Array.isArray(delta["tool_calls"]) ? delta["tool_calls"] : [];
    for (const call of calls) {
      const called = isFields(call) ? call["function"] : null;
      if (!isFields(call) || !isFields(called)) continue;
      if (typeof called["name"] === "string") called["name"] = unescapeText(called["name"]);
      if (typeof called["arguments"] !== "string" || called["arguments"] === "") continue;
      const channel = channelOf(index, `tool_calls ${String(call["index"])}`, unescapeJson);
      told.add(channel);
      called["arguments"] = pass(channel, called["arguments"]);
    }
    // Where another text goes on, or all ends, what was held back of this one was no escape.
    const isOver = typeof choice["finish_reason"] === "string";
    if (told.size === 0 && !isOver) return;
    for (const [name, channel] of channels) {
      if (!name.startsWith(`${String(index)} `) || (told.has(channel) && !isOver)) continue;
      channel.stage.flush();
      if (channel.ready === "") continue;
      addTo(delta, name.slice(name.indexOf(" ") + 1), take(channel));
      choice["delta"] = delta;
    }
  };

  const isHolding = (): boolean => [...channels.values()].some((channel) => channel.stage.isHolding());

  const readLine = (text: string): string => {
    const data = /^data: ?(\{[^]*\})\s*$/.exec(text)?.[1];
    if (data === undefined || (!isHolding() && !/<|\\u003c/i.test(data))) {
      return /^data: ?\[DONE\]/.test(text) ? rest() + text : text;
    }
    let chunk: unknown;
    try {
      chunk = JSON.parse(data);
    } catch {
      return text;
    }
    if (!isFields(chunk) || !Array.isArray(chunk["choices"])) return text;
    const before = JSON.stringify(chunk);
    const choices: readonly unknown[] = chunk["choices"];
    for (const choice of choices) if (isFields(choice)) readChoice(choice);
    lastChunk = chunk;
    const after = JSON.stringify(chunk);
    return after === before ? text : text.replace(data, () => after);
  };

  /** A chunk of our own, for a server that ends without a finish. */
  const rest = (): string => {
    let told = "";
    for (const [name, channel] of channels) {
      channel.stage.flush();
      if (channel.ready === "") continue;
      const at = name.indexOf(" ");
      const delta: Fields = {};
      addTo(delta, name.slice(at + 1), take(channel));
      const choice = { index: Number(name.slice(0, at)), delta, finish_reason: null };
      told += `data: ${JSON.stringify({ ...lastChunk, choices: [choice] })}\n\n`;
    }
    return told;
  };

  return {
    push(bytes) {
      const lines = (line + decoder.decode(bytes, { stream: true })).split(/(?<=\n)/);
      line = lines.at(-1)?.endsWith("\n") === true ? "" : (lines.pop() ?? "");
      return lines.map(readLine).join("");
    },
    end() {
      const last = line + decoder.decode();
      line = "";
      return (last === "" ? "" : readLine(last)) + rest();
    },
  };
}

/** A whole chat completion; text that is none stays as it is. */
export function unescapeAnswer(text: string): string {
  if (!/<|\\u003c/i.test(text)) return text;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isFields(answer) || !Array.isArray(answer["choices"])) return text;
  const before = JSON.stringify(answer);
  const choices: readonly unknown[] = answer["choices"];
  for (const choice of choices) if (isFields(choice) && isFields(choice["message"])) readMessage(choice["message"]);
  const after = JSON.stringify(answer);
  return after === before ? text : after;
}

function readMessage(message: Fields): void {
  for (const field of TEXTS) {
    const text = message[field];
    if (typeof text === "string") message[field] = unescapeText(text);
  }
  const calls: unknown[] = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
  for (const call of calls) {
    const called = isFields(call) ? call["function"] : null;
    if (!isFields(called)) continue;
    if (typeof called["name"] === "string") called["name"] = unescapeText(called["name"]);
    if (typeof called["arguments"] === "string") called["arguments"] = unescapeJson(called["arguments"]);
  }
}

const TEXTS = ["content", "reasoning", "reasoning_content"] as const;

function addTo(delta: Fields, path: string, text: string): void {
  if (!path.startsWith("tool_calls ")) {
    delta[path] = text + (typeof delta[path] === "string" ? delta[path] : "");
    return;
  }
  const calls: unknown[] = Array.isArray(delta["tool_calls"]) ? delta["tool_calls"] : [];
  delta["tool_calls"] = [{ index: Number(path.slice("tool_calls ".length)), function: { arguments: text } }, ...calls];
}

function take(channel: Channel): string {
  const { ready } = channel;
  channel.ready = "";
  return ready;
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
