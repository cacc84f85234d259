import { pythonJson } from "../../agent/python-json.ts";
import { spacedJson } from "../../agent/spaced-json.ts";
import { asGiven, reservedQuoted } from "./quoting.ts";
import { createTextFormat, type CallSyntax } from "./text-format.ts";

/** Ends the tools section. The template that models are served with says the same, see serve-template.ts. */
export const HERMES_INSTRUCTIONS = `To call a function, write a JSON object with its name and its arguments between <tool_call> and </tool_call>; several calls follow one another:
<tool_call>
{"name": "<name of the function>", "arguments": {<its arguments>}}
</tool_call>`;

/** `{"name": …, "arguments": …}` as Python writes the JSON. Not for arguments that are no JSON object, or that Python could not write. */
const syntax: CallSyntax = {
  instructions: HERMES_INSTRUCTIONS,
  renderCall(call, _, quoting) {
    const json = pythonJson(call.arguments);
    if (json?.startsWith("{") !== true) return null;
    return `{"name": ${quoting.json(spacedJson(call.name))}, "arguments": ${quoting.json(json)}}`;
  },
  parseCall(text, _, quoting) {
    const match = /^\{"name": ("(?:[^"\\]|\\.)*"), "arguments": ([^]*)\}$/.exec(text);
    if (match === null) return null;
    const name: string = JSON.parse(quoting.plainJson(match[1]!));
    return { name, arguments: quoting.plainJson(match[2]!) };
  },
};

export const hermes = createTextFormat(syntax, reservedQuoted);

/** The same text of messages in which reserved literals are quoted already: what serve.jinja renders. */
export const hermesAsGiven = createTextFormat(syntax, asGiven);
