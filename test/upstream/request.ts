import * as z from "zod";
import type { ErrorBody } from "./error-body.ts";
import { badRequest } from "./error-body.ts";
import { pythonJson } from "../../core/agent/python-json.ts";

/** A part of a message whose content is a list. */
const partSchema = z.union([
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string() }) }),
]);

const contentSchema = z.union([z.string(), z.array(partSchema)]);

const callSchema = z.object({
  id: z.string().optional(),
  type: z.literal("function").optional(),
  function: z.object({ name: z.string(), arguments: z.string().nullish() }),
});

const messageSchema = z.discriminatedUnion("role", [
  z.object({ role: z.literal("system"), content: contentSchema }),
  z.object({ role: z.literal("developer"), content: contentSchema }),
  z.object({ role: z.literal("user"), content: contentSchema }),
  z.object({
    role: z.literal("assistant"),
    content: contentSchema.nullish(),
    reasoning: z.string().nullish(),
    reasoning_content: z.string().nullish(),
    tool_calls: z.array(callSchema).nullish(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string().optional(), content: contentSchema }),
]);

const toolSchema = z.object({
  type: z.literal("function"),
  function: z.object({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

const choiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) }),
]);

const whole = z.number().int();

/** The fields that the server uses; pydantic's `extra="allow"` lets all others pass, and so does this. */
const chatSchema = z.object({
  model: z.string().nullish(),
  messages: z.array(messageSchema),
  tools: z.array(toolSchema).nullish(),
  tool_choice: choiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  max_tokens: whole.nullish(),
  max_completion_tokens: whole.nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: whole.nullish(),
  n: whole.nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: z.object({ type: z.string() }).nullish(),
});

export type ChatBody = z.infer<typeof chatSchema>;
export type ChatBodyMessage = ChatBody["messages"][number];
export type ChatBodyTool = NonNullable<ChatBody["tools"]>[number];

export interface RequestRules {
  /** Some templates raise for a system message that is not the first; Qwen3's does not. */
  readonly allowsLateSystem: boolean;
  readonly canSeeImages: boolean;
  /** `--enable-auto-tool-choice` and a parser are given. */
  readonly hasToolParser: boolean;
}

/** What vLLM checks before it looks at the prompt's length. */
export function readChatBody(
  json: unknown,
  rules: RequestRules,
): { readonly ok: true; readonly body: ChatBody } | { readonly ok: false; readonly error: ErrorBody } {
  const read = chatSchema.safeParse(json);
  if (!read.success) return { ok: false, error: badRequest(validationText(read.error)) };
  const problem = problemOf(read.data, rules);
  return problem === null ? { ok: true, body: read.data } : { ok: false, error: badRequest(problem) };
}

function problemOf(body: ChatBody, rules: RequestRules): string | null {
  const asked = body.max_completion_tokens ?? body.max_tokens ?? null;
  if (asked !== null && asked < 1) return `max_tokens must be at least 1, got ${asked}.`;
  if (body.temperature !== null && body.temperature !== undefined && body.temperature < 0) {
    return `temperature must be non-negative, got ${body.temperature}.`;
  }
  if (body.stream !== true && body.stream_options !== null && body.stream_options !== undefined) {
    return "Stream options can only be defined when `stream=True`.";
  }
  if (body.messages.length === 0) return "list index out of range";
  const choice = body.tool_choice ?? null;
  if (choice !== null && choice !== "none" && (body.tools ?? []).length === 0) {
    return "When using `tool_choice`, `tools` must be set.";
  }
  if ((choice === "auto" || (choice === null && (body.tools ?? []).length > 0)) && !rules.hasToolParser) {
    return '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set';
  }
  if (typeof choice === "object" && choice !== null && !body.tools?.some((tool) => tool.function.name === choice.function.name)) {
    return "The tool specified in `tool_choice` does not match any of the specified `tools`";
  }
  for (const [at, message] of body.messages.entries()) {
    if (message.role === "system" && at > 0 && !rules.allowsLateSystem) return "System message must be at the beginning.";
    if (!rules.canSeeImages && Array.isArray(message.content) && message.content.some((part) => part.type === "image_url")) {
      return "This model is not a multimodal model.";
    }
    if (message.role !== "assistant") continue;
    for (const call of message.tool_calls ?? []) {
      const text = call.function.arguments ?? "";
      // An empty text means no arguments; anything else has to be JSON (vllm-project/vllm#43995).
      if (text !== "" && pythonJson(text) === null) return "Expecting ',' delimiter: line 1 column 1 (char 0)";
    }
  }
  return null;
}

/** As pydantic's list of errors stands in vLLM's message: a Python repr. */
function validationText(error: z.ZodError): string {
  const lines = error.issues.map(
    (issue) =>
      `  {'type': '${issue.code}', 'loc': ('body', ${issue.path.map((key) => (typeof key === "number" ? key : `'${String(key)}'`)).join(", ")}), 'msg': ${JSON.stringify(issue.message)}}`,
  );
  return `${lines.length} validation error${lines.length === 1 ? "" : "s"}:\n${lines.join("\n")}`;
}
