import type { ChatMessage, ChatRequest } from "../../../core/gateway/upstream/chat-request.ts";

/**
 * What vLLM or a chat template refuses in a chat completions request, as sentences; empty for a request that is answered. The rules are
 * those of vLLM's request model (arguments of calls are parsed as JSON; `tool_choice` needs `tools` and a name among them;
 * `continue_final_message` excludes a generation prompt; ranges of sampling parameters) and of templates that check roles (system
 * first, user and assistant in turns, a tool message only behind its call).
 */
export function brokenRules(chat: ChatRequest): string[] {
  return [
    ...brokenOrder(chat),
    ...chat.messages.flatMap(brokenContent),
    ...brokenTools(chat),
    ...brokenSampling(chat),
    ...brokenText(chat),
  ];
}

function brokenOrder({ messages, continue_final_message: goesOn, add_generation_prompt: prompt }: ChatRequest): string[] {
  const broken: string[] = [];
  const ids = new Set<string>();
  let open: string[] = [];
  let before = "start";
  messages.forEach((message, at) => {
    const say = (what: string) => broken.push(`messages[${at}]: ${what}`);
    if (message.role === "tool") {
      if (open.shift() !== message.tool_call_id) say("a result that is not the next of its calls");
      before = "tool";
      return;
    }
    if (open.length > 0) say("calls without a result");
    if (message.role === "system" && at > 0) say("a system message that is not first");
    if (message.role === "user" && before === "user") say("two messages of the user");
    if (message.role === "assistant") {
      if (before === "start" || before === "system") say("an answer to nobody");
      if (before === "assistant") say("two messages of the assistant");
      open = (message.tool_calls ?? []).map((call) => call.id);
      for (const id of open) {
        if (ids.has(id)) say(`the id ${id} twice`);
        ids.add(id);
      }
    }
    before = message.role;
  });
  if (open.length > 0) broken.push("calls without a result at the end");
  if (messages.every(({ role }) => role === "system")) broken.push("nobody asks anything");
  if ((before === "assistant") !== (goesOn === true)) broken.push("an answer at the end, or none, that is not to be gone on with");
  if (goesOn === true && prompt !== false) broken.push("continue_final_message with a generation prompt");
  return broken;
}

function brokenContent(message: ChatMessage, at: number): string[] {
  const say = (what: string) => [`messages[${at}]: ${what}`];
  if (message.role === "assistant") {
    const calls = message.tool_calls ?? [];
    if (message.tool_calls?.length === 0) return say("an empty list of calls");
    if (message.content.trim() === "" && calls.length === 0) return say("an answer that says nothing");
    return calls.flatMap((call) =>
      isObject(call.function.arguments) && call.function.name !== "" ? [] : say("a call that is no JSON object"),
    );
  }
  if (typeof message.content === "string") return message.content.trim() === "" ? say("empty content") : [];
  if (message.content.length === 0) return say("no parts");
  return message.content.flatMap((part) => {
    if (part.type === "text") return part.text.trim() === "" ? say("an empty part") : [];
    return /^(?:data:image\/|https?:)/.test(part.image_url.url) ? [] : say("an image from nowhere");
  });
}

function brokenTools({ tools, tool_choice: choice, parallel_tool_calls: parallel }: ChatRequest): string[] {
  if (tools === undefined) return choice === undefined && parallel === undefined ? [] : ["a choice of tools without tools"];
  const names = tools.map((tool) => tool.function.name);
  const broken: string[] = [];
  if (tools.length === 0) broken.push("an empty list of tools");
  if (new Set(names).size < names.length) broken.push("two tools of one name");
  if (tools.some((tool) => tool.function.parameters["type"] !== "object")) broken.push("a tool whose arguments are no object");
  if (typeof choice === "object" && !names.includes(choice.function.name)) broken.push("the choice of a tool that is not there");
  return broken;
}

function brokenSampling(chat: ChatRequest): string[] {
  const broken: string[] = [];
  const { max_tokens: most = 1, temperature = 0, top_p: topP = 1, top_k: topK = 1, stop = ["x"] } = chat;
  if (!Number.isSafeInteger(most) || most < 1) broken.push("max_tokens below 1");
  if (!(temperature >= 0)) broken.push("temperature below 0");
  if (!(topP > 0 && topP <= 1)) broken.push("top_p outside of (0, 1]");
  if (!Number.isSafeInteger(topK) || topK < 1) broken.push("top_k below 1");
  if (stop.length === 0 || stop.includes("")) broken.push("an empty stop text");
  if (chat.stream && chat.stream_options?.include_usage !== true) broken.push("a stream without usage");
  return broken;
}

/** Half a surrogate pair has no UTF-8; escaped in a call's arguments it reaches the tokenizer all the same. */
const brokenText = (chat: ChatRequest): string[] => {
  const json = JSON.stringify(chat);
  const inArguments = chat.messages.some(
    (message) =>
      message.role === "assistant" &&
      message.tool_calls?.some((call) => !JSON.stringify(JSON.parse(call.function.arguments)).isWellFormed()) === true,
  );
  return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(json) || inArguments ? ["half a surrogate pair"] : [];
};

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
