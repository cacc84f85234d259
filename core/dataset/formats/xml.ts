import { jsonMembers, type JsonMember } from "../../agent/json-members.ts";
import { pythonJson } from "../../agent/python-json.ts";
import { reservedQuoted, type Quoting } from "./quoting.ts";
import { createTextFormat, type CallSyntax } from "./text-format.ts";
import type { ToolText } from "./tool-json.ts";

const INSTRUCTIONS = `To call a function, name it and its parameters in tags between <tool_call> and </tool_call>; a value may run over several lines, and several calls follow one another:
<tool_call>
<function=name_of_the_function>
<parameter=name_of_the_parameter>
value
</parameter>
</function>
</tool_call>`;

const NAME = /^[^<>\s=]+$/;

/**
 * `<function=…><parameter=…>`, as Qwen3-Coder writes calls. A parameter that the tool's schema calls a string stands as plain text, any
 * other as JSON in Python's spelling. `null` means left out. A value whose kind contradicts the schema cannot be written.
 */
const syntax: CallSyntax = {
  instructions: INSTRUCTIONS,
  renderCall(call, tools, quoting) {
    const json = pythonJson(call.arguments);
    const members = json === null ? null : jsonMembers(json);
    if (members === null || !NAME.test(call.name)) return null;
    const lines = [`<function=${call.name}>`];
    for (const member of members) {
      if (member.raw === "null") continue;
      const value = valueText(member, isText(tools, call.name, member.key), quoting);
      if (value === null || !NAME.test(member.key)) return null;
      lines.push(`<parameter=${member.key}>\n${value}\n</parameter>`);
    }
    return [...lines, "</function>"].join("\n");
  },
  parseCall(text, tools, quoting) {
    const match = /^<function=([^<>\s=]+)>\n((?:<parameter=[^<>\s=]+>\n[^]*\n<\/parameter>\n)?)<\/function>$/.exec(text);
    if (match === null) return null;
    const name = match[1]!;
    // Values hold no such tag unescaped, so the borders are where they seem to be.
    const parts = match[2]!.split(/<parameter=([^<>\s=]+)>\n([^]*?)\n<\/parameter>\n/);
    const members: string[] = [];
    for (let at = 1; at < parts.length; at += 3) {
      const [key, value] = [parts[at]!, parts[at + 1]!];
      const json = isText(tools, name, key) ? JSON.stringify(quoting.plainText(value)) : quoting.plainJson(value);
      members.push(`${JSON.stringify(key)}: ${json}`);
    }
    return { name, arguments: `{${members.join(", ")}}` };
  },
};

export const xml = createTextFormat(syntax, reservedQuoted);

function valueText({ raw }: JsonMember, isTextParameter: boolean, quoting: Quoting): string | null {
  if (!isTextParameter) return quoting.json(raw);
  if (!raw.startsWith('"')) return null;
  const value: string = JSON.parse(raw);
  return quoting.text(value);
}

function isText(tools: readonly ToolText[], name: string, key: string): boolean {
  const properties = tools.find((tool) => tool.name === name)?.parameters?.["properties"];
  if (typeof properties !== "object" || properties === null || !Object.hasOwn(properties, key)) return false;
  const schema: unknown = Reflect.get(properties, key);
  return typeof schema === "object" && schema !== null && Reflect.get(schema, "type") === "string";
}
