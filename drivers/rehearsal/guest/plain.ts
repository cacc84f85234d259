import type { Answer } from "../answer.ts";
import { type ChatRequest, isFields } from "../conversation.ts";
import { readGuestRequest, ownWords } from "./request.ts";

const say = (content: string): Answer => ({ content, reasoning: "", style: "none", calls: [] });

/**
 * Answers to requests that no tool goes with: a summary of the conversation, a title, text in a schema, a question. `ok` for what is too
 * short to be any of these, such as a probe.
 */
export function answerPlainly({ messages, answerSchema }: ChatRequest): Answer {
  const asked = messages.filter(({ role }) => role === "user").map(({ content }) => ownWords(content));
  const last = asked.at(-1) ?? "";
  const instructions = messages
    .filter(({ role }) => role === "system")
    .map(({ content }) => content)
    .join("\n");
  const { quote } = readGuestRequest(asked.find((text) => text !== "") ?? "");
  if (answerSchema !== null) return say(JSON.stringify(fill(answerSchema, `Rehearsal: ${quote}`, 6)));
  if (/\btitle\b/i.test(instructions) && last.length < TITLED) return say(titleOf(quote));
  if (/\bsummar(?:y|ise|ize)\b/i.test(last)) return say(summary(messages, quote));
  if (/\btitle\b/i.test(last)) return say(titleOf(quote));
  if (instructions === "" && last.length < 40) return say("ok");
  return say(`This is serac's rehearsal teacher, a script that stands in for a model. You wrote: "${readGuestRequest(last).quote}".`);
}

/** Instructions for a summary are longer, and may speak of titles. */
const TITLED = 3_000;

function summary(messages: ChatRequest["messages"], quote: string): string {
  const text = messages.map(({ content, calls }) => [content, ...calls.map(({ input }) => input)].join("\n")).join("\n");
  const paths = [...new Set([...text.matchAll(/\/testbed\/([\w./-]+\.\w+)/g)].map((match) => match[1]))].slice(0, 10);
  const replies = messages.filter(({ role }) => role === "assistant").length;
  const files = paths.length === 0 ? "No file was named." : `Files that were named: ${paths.join(", ")}.`;
  return `<analysis>A script wrote this; it only counts.</analysis>\n<summary>\nThe request was: "${quote}". ${replies} replies were given so far. ${files} Nothing is left open.\n</summary>`;
}

/** The first words, as a title. */
function titleOf(quote: string): string {
  const words = quote
    .replace(/[^\p{L}\p{N}\s_-]/gu, " ")
    .trim()
    .split(/\s+/)
    .slice(0, 5)
    .join(" ");
  return `Rehearsal: ${words === "" ? "a conversation" : words}`;
}

/** The plainest value that fits a JSON Schema, as far as schemas of clients go. */
function fill(schema: unknown, text: string, depth: number): unknown {
  const fields = isFields(schema) ? schema : {};
  if (Array.isArray(fields["enum"])) return fields["enum"][0];
  if ("const" in fields) return fields["const"];
  const type = Array.isArray(fields["type"]) ? fields["type"][0] : fields["type"];
  switch (type) {
    case "object": {
      const properties = isFields(fields["properties"]) ? fields["properties"] : {};
      const required: readonly unknown[] = Array.isArray(fields["required"]) ? fields["required"] : Object.keys(properties);
      if (depth === 0) return {};
      return Object.fromEntries(required.map((key) => [String(key), fill(properties[String(key)], text, depth - 1)]));
    }
    case "array":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return typeof fields["minimum"] === "number" ? fields["minimum"] : 0;
    case "null":
      return null;
    default:
      return text;
  }
}
