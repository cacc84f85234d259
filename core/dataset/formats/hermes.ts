import { isJsonObject } from "../../agent/json-members.ts";
import { escapeJson, unescapeJson } from "../../agent/reserved-literals.ts";
import { createTextFormat } from "./text-format.ts";

const INSTRUCTIONS = `To call a function, write a JSON object with its name and its arguments between <tool_call> and </tool_call>; several calls follow one another:
<tool_call>
{"name": "<name of the function>", "arguments": {<its arguments>}}
</tool_call>`;

/** `{"name": …, "arguments": …}`: the arguments stand as the teacher wrote them, byte for byte. Not for arguments that are no JSON object. */
export const hermes = createTextFormat({
  instructions: INSTRUCTIONS,
  renderCall(call) {
    if (!isJsonObject(call.arguments)) return null;
    return `{"name": ${escapeJson(JSON.stringify(call.name))}, "arguments": ${escapeJson(call.arguments)}}`;
  },
  parseCall(text) {
    const match = /^\{"name": ("(?:[^"\\]|\\.)*"), "arguments": ([^]*)\}$/.exec(text);
    if (match === null) return null;
    const name: string = JSON.parse(unescapeJson(match[1]!));
    return { name, arguments: unescapeJson(match[2]!) };
  },
});
